"""What counts as work: bytes, kinds and modes against base, whatever git was told."""

from __future__ import annotations

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from harness.core.ports import Patch, PatchFile
from harness.core.tree import Base
from harness.grading.difference import Difference, difference, packed, unpacked
from harness.store.bases import from_tar

Rows = dict[str, tuple[bytes, int] | str | None]
"""Path -> (bytes, mode) of a file, a link's target, or None for a folder."""


def tar(rows: Rows) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, what in rows.items():
            member = tarfile.TarInfo(f"workspace/{path}")
            if what is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
            elif isinstance(what, str):
                member.type, member.linkname = tarfile.SYMTYPE, what
                archive.addfile(member)
            else:
                member.size, member.mode = len(what[0]), what[1]
                archive.addfile(member, io.BytesIO(what[0]))
    return out.getvalue()


def base(rows: Rows) -> Base:
    return from_tar("sha256:x", tar(rows))[0]


BASE: Rows = {"a.py": (b"a", 0o644), "b.py": (b"b", 0o644), "d": None, "d/c.sh": (b"#!", 0o755), "l": "a.py", ".git": None, ".git/HEAD": (b"r", 0o644)}


def found(now: Rows) -> Difference:
    return difference(base(BASE), tar(now))


def test_nothing_changed_is_an_empty_patch() -> None:
    """The same files give no work."""
    same = found(BASE)
    assert same.patch == Patch((), ())
    assert (same.added, same.changed, same.removed, same.left_out) == ((), (), (), ())


def test_every_kind_of_change_is_seen() -> None:
    """New, changed, removed, new mode, new kind, new target, new folder: all are work."""
    now: Rows = {
        **BASE, "a.py": (b"A", 0o644), "new.py": (b"n", 0o600), "d/c.sh": (b"#!", 0o644), "l": "b.py", "e": None, "e/f": (b"\x00\xff", 0o644),
    }
    del now["b.py"]
    got = found(now)
    assert got.changed == ("a.py", "d/c.sh", "l")
    assert got.added == ("e", "e/f", "new.py")
    assert got.removed == ("b.py",)
    assert {file.path: (file.kind, file.mode, file.data) for file in got.patch.files}["e/f"] == ("file", 0o644, b"\x00\xff")


def test_a_file_that_became_a_link_is_a_change() -> None:
    """Kinds are compared before contents."""
    assert found({**BASE, "a.py": "b.py"}).changed == ("a.py",)


def test_the_agents_git_has_no_say() -> None:
    """Nothing under the repository's own .git is work, and nothing in it can hide work."""
    got = found({**BASE, ".git/HEAD": (b"x", 0o644), ".git/info/exclude": (b"*", 0o644), "hidden.py": (b"h", 0o644)})
    assert (got.added, got.changed) == (("hidden.py",), ())
    assert got.left_out == (".git/HEAD", ".git/info/exclude")


def test_compiled_leftovers_do_not_come_along() -> None:
    """Byte code is left out, and said."""
    got = found({**BASE, "__pycache__": None, "__pycache__/a.cpython-311.pyc": (b"x", 0o644), "stray.pyc": (b"x", 0o644)})
    assert got.patch.files == ()
    assert "stray.pyc" in got.left_out


def test_a_nested_repository_is_ordinary_files() -> None:
    """A .git below the top is work like any other file."""
    assert found({**BASE, "sub": None, "sub/.git": None, "sub/.git/HEAD": (b"x", 0o644)}).added == ("sub", "sub/.git", "sub/.git/HEAD")


NAMES = st.binary(min_size=1, max_size=12).map(lambda raw: raw.replace(b"\0", b"_").decode("utf-8", "surrogateescape"))


@given(st.lists(st.builds(PatchFile, NAMES, st.sampled_from(["file", "link", "dir"]), st.integers(0, 0o777), st.binary()), max_size=5))
def test_a_patch_survives_the_record(files: list[PatchFile]) -> None:
    """Whatever bytes a name or a file holds, the packed patch is the patch."""
    patch = Patch(tuple(files), ("gone",))
    assert unpacked(packed(patch)) == patch
