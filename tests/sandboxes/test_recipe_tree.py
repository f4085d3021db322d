"""Archives that mean harm are refused before anything is written, and a base tree is exactly what its recipe says."""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import msgspec
import pytest

from harness.core.errors import TaskError
from sandboxes.recipe_archive import MEMBERS, Member, read_archive
from sandboxes.recipe_spec import Recipe, Sdist, read_recipe
from sandboxes.recipe_tree import make_tree

# The id of the one commit: fixed names and dates make it the same on every machine.
COMMIT = "3710d8461d030e16937d52aa54a53e1b88c50f7f"
Entry = tuple[str, bytes | None, str, bytes]  # name, content, link target, tar type
FIX = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-broken\n+fixed\n"
TESTS = "diff --git a/test_a.py b/test_a.py\nnew file mode 100644\n--- /dev/null\n+++ b/test_a.py\n@@ -0,0 +1 @@\n+test\n"


HEADER = tarfile.TarInfo("x-1.0/a")
HEADER.size = 30_000
CUT = gzip.compress(HEADER.tobuf() + b"x" * 100)


def archive(tmp_path: Path, *entries: Entry) -> Path:
    path = tmp_path / "x-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content, target, kind in entries:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, target, len(content or b"")
            info.mode = 0o755
            tar.addfile(info, io.BytesIO(content or b""))
    return path


def file(name: str, content: bytes = b"x") -> Entry:
    return (name, content, "", tarfile.REGTYPE)


def link(name: str, target: str) -> Entry:
    return (name, None, target, tarfile.SYMTYPE)


HOSTILE: dict[str, tuple[Entry, ...]] = {
    "absolute": (file("/etc/x"),),
    "climbs": (file("x-1.0/../../x"),),
    "climbs at once": (file("../x"),),
    "backslash": (file("x-1.0/a\\..\\b"),),
    "git's folder": (file("x-1.0/.git/hooks/pre-commit"),),
    "git's folder in capitals": (file("x-1.0/sub/.GIT/config"),),
    "absolute link": (link("x-1.0/l", "/etc/passwd"),),
    "link that climbs": (link("x-1.0/l", "../x"),),
    "link that climbs later": (link("x-1.0/a/b/l", "m/../../../../x"),),
    "file through a link": (link("x-1.0/l", "d"), file("x-1.0/l/x")),
    "link in place of a file": (file("x-1.0/l"), link("x-1.0/l", "d")),
    "file in place of a file": (file("x-1.0/l"), file("x-1.0/l")),
    "hard link": (file("x-1.0/a"), ("x-1.0/b", None, "x-1.0/a", tarfile.LNKTYPE)),
    "device": (("x-1.0/d", None, "", tarfile.CHRTYPE),),
    "pipe": (("x-1.0/p", None, "", tarfile.FIFOTYPE),),
}


@pytest.mark.parametrize("entries", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_archive_is_refused_by_name(entries: tuple[Entry, ...], tmp_path: Path) -> None:
    """Each way out of the folder, into git's records or onto a device is a TaskError; nothing is written."""
    with pytest.raises(TaskError, match="expected a source distribution that stays in its own folder"):
        read_archive(archive(tmp_path, file("x-1.0/good"), *entries), "test")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x-1.0.tar.gz"]


def test_bomb_is_refused_while_it_unfolds(tmp_path: Path) -> None:
    """An archive that grows beyond the bound is left at the bound, whether a file, a header or a name grows."""
    path = archive(tmp_path, file("x-1.0/zeros", bytes(2 << 20)))
    assert path.stat().st_size < 10_000
    with pytest.raises(TaskError, match="unfolds to more"):
        read_archive(path, "test", bound=1 << 20)
    huge = tarfile.TarInfo("././@PaxHeader")
    huge.type, huge.size = tarfile.XHDTYPE, 1 << 40
    path.write_bytes(gzip.compress(huge.tobuf(format=tarfile.GNU_FORMAT) + bytes(2 << 20)))
    with pytest.raises(TaskError, match="unfolds to more"):
        read_archive(path, "test", bound=1 << 20)


@pytest.mark.parametrize("data", [b"", b"no archive", gzip.compress(b"no tar" * 200), CUT], ids=["empty", "words", "no tar", "cut"])
def test_what_is_no_archive_is_named(data: bytes, tmp_path: Path) -> None:
    """Broken bytes are a complaint about the file, never a traceback of a library."""
    path = tmp_path / "x-1.0.tar.gz"
    path.write_bytes(data)
    with pytest.raises(TaskError, match=r"test: x-1\.0\.tar\.gz: found .*, expected a \.tar\.gz archive"):
        read_archive(path, "test")


def test_members_are_bounded() -> None:
    """The number of members has a bound that real projects stay far below."""
    assert 20_000 < MEMBERS <= 100_000


def test_harmless_archive_is_read(tmp_path: Path) -> None:
    """Files with their executable bit and links that stay inside come through; packaging's notes are left out."""
    path = archive(tmp_path, file("x-1.0/s/run", b"r"), link("x-1.0/s/l", "../a/b"), file("x-1.0/x.egg-info/PKG-INFO"))
    assert read_archive(path, "test") == (Member("s/run", b"r", executable=True), Member("s/l", target="../a/b"))


def tree_of(files: dict[str, bytes], folder: Path) -> str:
    """Git's own id of a tree of executable files."""
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o755)
    for words in (("init", "-q"), ("add", "-A", "-f", ".")):
        subprocess.run(["git", "-C", folder, *words], check=True)
    return subprocess.run(["git", "-C", folder, "write-tree"], check=True, capture_output=True, text=True).stdout.strip()


def recipe_for(path: Path, base_tree: str, **changes: str) -> Recipe:
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    recipe = Recipe(
        "o__n-1", Sdist("x", "1.0", sha), base_tree, "3.11", "bookworm", ("git",), ("pip==24.0",), (), FIX, TESTS, ("gen.py",)
    )
    return msgspec.structs.replace(recipe, **changes)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    members = {"a.py": b"fixed\n", "test_a.py": b"test\n", "gen.py": b"made\n", ".gitignore": b"a.py\n"}
    return archive(tmp_path, *(file(f"x-1.0/{name}", data) for name, data in members.items()))


def test_tree_is_the_release_without_the_fix(release: Path, tmp_path: Path) -> None:
    """Both patches are taken back, ignored files are committed, generated ones are not; one commit, no log, a clean state."""
    tree = tree_of({".gitignore": b"a.py\n", "a.py": b"broken\n"}, tmp_path / "expected")
    packed = make_tree(recipe_for(release, tree), release, "test")
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(tmp_path / "out", filter="tar")
    found = tmp_path / "out" / "testbed"
    assert (found / "a.py").read_text() == "broken\n"
    assert not (found / "test_a.py").exists()
    assert (found / "gen.py").exists()
    git = ("git", "-c", f"safe.directory={found}", "-C", str(found))
    said = [subprocess.run([*git, *words], check=True, capture_output=True, text=True).stdout for words in (("status", "--short"), ("rev-list", "--all"))]
    assert said[0] == ""
    assert said[1].split() == [COMMIT]
    assert not (found / ".git" / "hooks").exists()
    assert not (found / ".git" / "logs").exists()


def test_other_tree_and_patch_that_does_not_fit_are_named(release: Path) -> None:
    """A tree of another id, or a patch that the release does not hold, is the recipe's fault, field by field."""
    with pytest.raises(TaskError, match=r"base_tree: found [0-9a-f]{40}, expected the tree 0{40}"):
        make_tree(recipe_for(release, "0" * 40), release, "test")
    for field in ("patch", "test_patch"):
        with pytest.raises(TaskError, match=rf"test: {field}: found git apply: .*expected a patch that x 1\.0 contains"):
            make_tree(recipe_for(release, "0" * 40, **{field: FIX.replace("fixed", "other")}), release, "test")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("instance_id", "a/b"), ("base_tree", "HEAD"), ("debian_suite", "book worm"), ("debian_packages", ["--force"]),
        ("requirements", ["--index-url=http://x"]), ("requirements", ["x @ file:///etc"]), ("requirements", ["x>=1"]),
        ("python", "3.11; id"), ("generated", ["../x"]), ("generated", ["/x"]), ("generated", [":!x"]), ("sdist", {"name": "x"}),
        ("sdist", {"name": "-r", "version": "1", "sha256": "0" * 64}), ("unknown", "x"),
    ],
)  # fmt: skip
def test_words_that_reach_a_command_are_checked(field: str, value: object, release: Path) -> None:
    """Nothing in a recipe can pass for an option, a path or a second command."""
    fields = msgspec.to_builtins(recipe_for(release, "0" * 40)) | {field: value}
    with pytest.raises(TaskError):
        read_recipe(msgspec.json.encode(fields).decode(), "test")
