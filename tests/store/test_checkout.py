"""Trees of a hostile agent as files: nothing leads out of the folder, nothing runs by itself, nothing is half there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli.record.differences import between
from harness.core.errors import PlanError, StoreError
from harness.core.events import Digests, Entry, TreeSeen, TrialStarted
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.recorded import Tree
from harness.core.tree import Base
from harness.core.trial import TrialKey
from harness.store.checkout import Written, checkout
from harness.store.confines import refused, straying
from harness.store.objects import bare, made, write
from harness.store.readback import Readback, reading
from harness.store.trees import TreeLine


def file(path: bytes, data: bytes = b"x", mode: int = 0o644) -> TreeEntry:
    return TreeEntry(path, "file", mode, len(data), data)


def link(path: bytes, target: bytes) -> TreeEntry:
    return TreeEntry(path, "link", 0o777, len(target), target)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    bare(tmp_path / "trees.git")
    return tmp_path / "trees.git"


@pytest.fixture
def objects(repository: Path) -> Iterator[Readback]:
    with reading(repository) as read:
        yield read


def tree(repository: Path, *entries: TreeEntry) -> Tree:
    line = TreeLine(repository)
    line.start(Base("sha256:x", ()), TreeDelta((), ()))
    return line.follow(TreeDelta(entries, ()))


def written(objects: Readback, at: Tree, folder: Path) -> Written:
    return checkout(objects, at.tree, at.extra, folder)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def test_files_come_back_as_they_were(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """Bytes, links, the executable bit and folders of their own; and nobody but the owner may write."""
    odd = TreeEntry(b"empty", "dir", 0o700, 0)
    at = tree(repository, file(b"a/b.py", b"\x00\xff\r\n"), file(b"run", b"#!", 0o777), link(b"l", b"a/b.py"), link(b"a/up", b"../run"), odd)
    told = written(objects, at, tmp_path / "out")
    out = tmp_path / "out"
    assert (told.files, told.links, told.size, told.left_out) == (2, 2, 6, ())
    assert (out / "l").read_bytes() == b"\x00\xff\r\n"
    assert (out / "a" / "up").resolve() == (out / "run").resolve()
    assert (out / "empty").is_dir()
    assert stat.S_IMODE((out / "run").stat().st_mode) == 0o755 & ~umask()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".longhaul")] == []


def umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now


def test_no_repository_and_no_hook_is_written(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """Neither .git by any spelling at any depth, nor what git runs in a bare repository; a folder merely called hooks is work."""
    evil = (b"sub/.git/config", b"a/.GIT/hooks/post-checkout", b"b/.git", b"c/git~1/config", b"d/.g\xe2\x80\x8cit/config", b"e/.git. /x", b"f/.git::$INDEX/x")
    shop = (b"shop/objects/x", b"shop/refs/x", b"shop/hooks/pre-commit", b"shop/config", b"w/HEAD", b"w/commondir")
    good = (b"src/hooks/useState.ts", b"config", b".gitignore", b".github/workflows/x.yml", b"x.git/readme")
    at = tree(repository, *(file(path) for path in (*evil, *shop, *good)))
    told = written(objects, at, tmp_path / "out")
    assert names(tmp_path / "out") == {"shop/objects/x", "shop/refs/x", "w/HEAD", *(path.decode() for path in good)}
    assert len(told.left_out) == len(evil) + 3
    assert all("git would run" in left.why for left in told.left_out)


def test_links_that_leave_are_left_out(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """Absolute, climbing, through another link, in a circle, or by a way that nobody can foretell; each with its reason."""
    bad = {
        b"abs": b"/etc/passwd", b"climb": b"../x", b"deep/climb": b"../../x", b"through": b"abs/x", b"hop": b"inner/../..",
        b"circle": b"circle2", b"circle2": b"circle", b"blind": b"nowhere/../../x", b"chain": b"deep/root/../x", b"slash": b"//etc",
    }
    good = {b"inner": b"deep", b"deep/root": b"..", b"dangling": b"nowhere/x", b"dot": b".", b"deep/side": b"../deep/./f"}
    at = tree(repository, file(b"deep/f"), *(link(*pair) for pair in (bad | good).items()))
    told = written(objects, at, tmp_path / "out")
    assert names(tmp_path / "out") == {"deep/f", *(path.decode() for path in good)}
    assert {left.path for left in told.left_out} == {path.decode() for path in bad}


def test_devices_and_special_bits_are_left_out(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """A device, a pipe, an unreadable file and one too large are named; a setuid file comes without its bit."""
    odd = (
        TreeEntry(b"null", "special", stat.S_IFCHR | 0o666, 0), TreeEntry(b"pipe", "special", stat.S_IFIFO | 0o644, 0),
        TreeEntry(b"closed", "unreadable", 0, 9), TreeEntry(b"big", "file", 0o644, 10**9, None, "ab" * 32),
        file(b"su", b"#!", 0o6755), TreeEntry(b"sticky", "dir", 0o1777, 0), file(b"sticky/x"),
    )  # fmt: skip
    told = written(objects, tree(repository, *odd), tmp_path / "out")
    assert names(tmp_path / "out") == {"su", "sticky/x"}
    assert {left.path: left.written for left in told.left_out} == {"null": False, "pipe": False, "closed": False, "big": False, "su": True, "sticky": True}
    modes = [(tmp_path / "out" / name).stat().st_mode for name in ("su", "sticky")]
    assert not any(mode & 0o7022 for mode in modes)


def test_a_folder_that_is_there_is_never_touched(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """Nor an empty one, a file, or a link that leads nowhere."""
    at = tree(repository, file(b"a"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(FileExistsError):
            written(objects, at, tmp_path / name)
    assert list((tmp_path / "folder").iterdir()) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_damaged_record_leaves_nothing(repository: Path, objects: Readback, tmp_path: Path) -> None:
    """A missing object and one that is not what its name says are sentences; no folder, and no beginning of one, is left."""
    at = tree(repository, file(b"a/one", b"1"), file(b"a/two", b"2"))
    oid = made(b"blob", b"2").oid
    path = repository / "objects" / oid[:2] / oid[2:]
    other = made(b"blob", b"1").oid
    path.chmod(0o644)
    path.write_bytes((repository / "objects" / other[:2] / other[2:]).read_bytes())
    with pytest.raises(StoreError, match=oid):
        written(objects, at, tmp_path / "out")
    path.unlink()
    with reading(repository) as again, pytest.raises(StoreError, match=oid):
        written(again, at, tmp_path / "out")
    assert {entry.name for entry in tmp_path.iterdir()} == {"trees.git"}


EVIL = """[core]
    repositoryformatversion = 1
    bare = true
    sshCommand = touch %s; false
[extensions]
    partialClone = evil
[remote "evil"]
    url = ssh://nowhere.invalid/x
    promisor = true
[protocol]
    allow = always
[protocol "ssh"]
    allow = always
"""
"""A repository whose missing objects are to be fetched by a command of somebody's."""


def test_a_repository_from_elsewhere_runs_nothing(repository: Path, tmp_path: Path) -> None:
    """What is missing is missing: its settings can't make git fetch it, nor run what they name."""
    (repository / "config").write_text(EVIL % (tmp_path / "ran"))
    with reading(repository) as read, pytest.raises(StoreError, match="is missing"):
        read.content("1" * 40)
    with pytest.raises(PlanError, match="undamaged"):
        between(repository, (began(), seen(1, "2" * 40), seen(2, "3" * 40)), "0..")
    assert not (tmp_path / "ran").exists()


def began() -> Entry:
    return Entry(1, 0.0, TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, None, Digests("", "", "", ""), "{}", ""))


def seen(seq: int, oid: str) -> Entry:
    return Entry(seq, 0.0, TreeSeen(oid, "", "", "start", 0, 0, 0))


FORGED = {
    "climbing": b"100644 ..\0" + bytes(20), "slash": b"100644 a/b\0" + bytes(20), "nameless": b"100644 \0" + bytes(20),
    "twice": (b"100644 a\0" + bytes(20)) * 2, "module": b"160000 a\0" + bytes(20), "cut": b"100644 a\0" + bytes(19),
    "link and folder": b"120000 a\0" + bytes(20) + b"40000 a\0" + bytes(20),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_tree_is_refused(name: str, repository: Path, objects: Readback, tmp_path: Path) -> None:
    """An archive from elsewhere may hold trees that no git would write."""
    forged = made(b"tree", FORGED[name])
    write(repository, [forged])
    with pytest.raises(StoreError, match="unlawfully"):
        checkout(objects, forged.oid, "", tmp_path / "out")


NAMES = st.sampled_from([b"a", b"b", b"c"])
STEPS = st.lists(st.sampled_from([b"a", b"b", b"c", b"..", b".", b""]), min_size=1, max_size=5).map(b"/".join)


@given(st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map(b"/".join), STEPS, max_size=8))
def test_no_kept_link_leads_out(tmp_path_factory: pytest.TempPathFactory, every: dict[bytes, bytes]) -> None:
    """Whatever links there are: asked of the file system itself, every one that is kept stays inside."""
    links = {path: to for path, to in every.items() if to and not any(path.startswith(other + b"/") for other in every)}
    root = tmp_path_factory.mktemp("links") / "root"
    root.mkdir()
    kept = {path: to for path, to in links.items() if path not in straying(links, ())}
    for path, to in kept.items():
        place = Path(os.fsdecode(os.fsencode(root) + b"/" + path))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.fsdecode(to))
    for path in kept:
        assert Path(os.path.realpath(root / os.fsdecode(path))).is_relative_to(root)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\0gG"), min_size=1), min_size=1, max_size=3))
def test_ordinary_names_are_kept(words: list[str]) -> None:
    """Without a g no name is git's."""
    assert refused(["/".join(words).encode()]) == {}
