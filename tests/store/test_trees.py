"""Lines of trees against what git itself makes of the same files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.core.errors import SandboxError
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.tree import Base, BaseEntry
from harness.store.objects import bare, made, write
from harness.store.trees import TreeLine


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "core.autocrlf=false"]
    return subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, text=True).stdout.strip()


def written(path: str, data: bytes, mode: int = 0o644) -> TreeEntry:
    return TreeEntry(path.encode(), "file", mode, len(data), data)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    bare(tmp_path / "trees.git")
    return tmp_path / "trees.git"


@pytest.fixture
def line(repository: Path) -> TreeLine:
    started = TreeLine(repository)
    started.start(Base("sha256:x", ()), TreeDelta((), ()))
    return started


def git_tree(folder: Path, files: dict[str, bytes]) -> str:
    """The tree id that git gives these files."""
    folder.mkdir()
    git(folder, "init", "-q")
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    git(folder, "add", "-A", "-f")
    return git(folder, "write-tree")


FILES = {"a.py": b"x\n", "b/c.py": b"\r\n", "b/d/e": b"", "b.txt": b"sorts between", "z": b"\x00\xff"}


def test_a_tree_is_what_git_would_write(line: TreeLine, tmp_path: Path) -> None:
    """Names that sort oddly, CRLF, empty and binary files: the id is git's own."""
    delta = TreeDelta(tuple(written(path, data) for path, data in FILES.items()), ())
    assert line.follow(delta).tree == git_tree(tmp_path / "work", FILES)


def test_removing_and_emptying_folders(line: TreeLine, tmp_path: Path) -> None:
    """After removals the id is that of what is left; an emptied folder is gone from the tree."""
    line.follow(TreeDelta(tuple(written(path, data) for path, data in FILES.items()), ()))
    left = {"a.py": b"changed\n", "z": b"\x00\xff"}
    after = line.follow(TreeDelta((written("a.py", b"changed\n"),), (b"b/c.py", b"b/d/e", b"b.txt", b"b/d", b"b")))
    assert after.tree == git_tree(tmp_path / "work", left)


def test_every_object_is_in_the_store(line: TreeLine, repository: Path) -> None:
    """git can read every file of a recorded tree back, also when there are enough to be packed."""
    many = {f"d{n % 7}/f{n}": f"{n}\n".encode() for n in range(300)}
    tree = line.follow(TreeDelta(tuple(written(path, data) for path, data in many.items()), ())).tree
    listed = git(repository, "ls-tree", "-r", "--name-only", tree).splitlines()
    assert sorted(listed) == sorted(many)
    assert git(repository, "cat-file", "blob", f"{tree}:d3/f3") == "3"
    assert "missing" not in git(repository, "fsck", "--connectivity-only", tree)


@pytest.mark.parametrize("count", [3, 99], ids=["loose", "pack"])
def test_an_object_without_its_bytes_is_written_again(count: int, repository: Path) -> None:
    """After a power loss a file may have its name and nothing in it: who writes the same object again makes it whole."""
    objects = [made(b"blob", b"%d" % number) for number in range(count)]
    write(repository, objects)
    for path in (repository / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"")
    write(repository, objects)
    assert git(repository, "cat-file", "blob", objects[0].oid) == "0"


def test_the_same_many_objects_are_one_pack(repository: Path) -> None:
    """Every trial of an image of many folders begins with the same trees: they are kept once."""
    objects = [made(b"blob", b"%d" % number) for number in range(99)]
    write(repository, objects)
    before = {path: path.stat().st_mtime_ns for path in (repository / "objects" / "pack").iterdir()}
    write(repository, objects)
    assert {path: path.stat().st_mtime_ns for path in (repository / "objects" / "pack").iterdir()} == before
    assert {path.suffix for path in before} == {".pack", ".idx"}


def test_modes_and_links(line: TreeLine, repository: Path) -> None:
    """Executables and links have git's modes; a link's target is its content."""
    link = TreeEntry(b"l", "link", 0o777, 4, b"a.py")
    tree = line.follow(TreeDelta((written("run", b"#!", 0o755), link), ())).tree
    rows = git(repository, "ls-tree", tree).splitlines()
    assert [row.split()[0] for row in rows] == ["120000", "100755"]


def test_what_a_tree_cannot_hold_is_in_the_manifest(line: TreeLine) -> None:
    """Odd modes, specials, unreadable and oversized files change `extra`, not the tree."""
    before = line.follow(TreeDelta((written("a", b"1"),), ()))
    odd = (TreeEntry(b"fifo", "special", 0o644, 0), TreeEntry(b"big", "file", 0o644, 9_999_999, None, "ab" * 32))
    after = line.follow(TreeDelta(odd, ()))
    assert after.tree == before.tree
    assert after.extra != before.extra
    assert line.follow(TreeDelta((), (b"fifo", b"big"))).extra == before.extra


def test_the_agents_own_git_has_a_digest_of_its_own(line: TreeLine) -> None:
    """A change under .git moves `git` and nothing else; a nested repository is ordinary files."""
    before = line.follow(TreeDelta((written("a", b"1"), written(".git/HEAD", b"ref: x")), ()))
    after = line.follow(TreeDelta((written(".git/HEAD", b"ref: y"),), ()))
    assert (after.tree, after.extra) == (before.tree, before.extra)
    assert after.git != before.git
    nested = line.follow(TreeDelta((written("sub/.git/HEAD", b"ref: x"),), ()))
    assert nested.tree != after.tree


def test_an_unchanged_look_gives_the_same_ids(line: TreeLine) -> None:
    """Looking twice changes nothing."""
    first = line.follow(TreeDelta((written("a", b"1"),), ()))
    assert line.follow(TreeDelta((), ())) == first


def test_a_container_that_differs_from_its_image_is_refused(repository: Path) -> None:
    """The first look must show what the image holds."""
    base = Base("sha256:x", (BaseEntry(b"a", "file", 0o644, 1, "0" * 40),))
    with pytest.raises(SandboxError, match="differs from its image"):
        TreeLine(repository).start(base, TreeDelta((TreeEntry(b"a", "file", 0o644, 2),), ()))
