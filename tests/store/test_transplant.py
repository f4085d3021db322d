"""What a fork takes from its parent's record: it can be read without the parent."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.recorded import Tree
from harness.core.tree import Base, BaseEntry
from harness.store.blobs import BlobFolder
from harness.store.objects import bare, made
from harness.store.readback import reading
from harness.store.recorded import RecordedTree
from harness.store.transplant import changed, take_blobs, take_trees
from harness.store.trees import TreeLine

OID = made(b"blob", b"head").oid


def file(path: str, data: bytes, mode: int = 0o644) -> TreeEntry:
    return TreeEntry(path.encode(), "file", mode, len(data), data)


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Tree, Tree]:
    """The first look of an image with a repository, and what came of it."""
    bare(tmp_path / "from")
    line = TreeLine(tmp_path / "from")
    base = Base("sha256:x", (BaseEntry(b".git", "dir", 0o40755, 4096, ""), BaseEntry(b".git/HEAD", "file", 0o100644, 4, OID)))
    look = TreeDelta(tuple(entry.listed() for entry in base.entries), ())
    first = line.start(base, look)
    folders = (TreeEntry(b"empty", "dir", 0o755, 4096), TreeEntry(b"full", "dir", 0o700, 4096))
    return first, line.follow(TreeDelta((*folders, file("full/a", b"1", 0o600), file(".git/index", b"index"), file("b.pyc", b"")), ()))


def test_trees_come_with_all_they_hold(tmp_path: Path, trees: tuple[Tree, Tree]) -> None:
    """Contents, the manifest beside them, and the state of .git, of which the image's own part is known by name alone."""
    take_trees(tmp_path / "from", tmp_path / "to", trees)
    shutil.rmtree(tmp_path / "from")
    with reading(tmp_path / "to") as read:
        kept = RecordedTree(read, trees[1])
        entries, repository = kept.entries(), kept.repository()
        assert {path: (entry.kind, entry.mode) for path, entry in entries.items()} == {
            b"b.pyc": ("file", None), b"empty": ("dir", 0o755), b"full": ("dir", 0o700), b"full/a": ("file", 0o600),
        }  # fmt: skip
        assert kept.content(entries[b"full/a"].oid) == b"1"
        assert repository is not None
        assert {path: (entry.kind, entry.mode) for path, entry in repository.items()} == {
            b".git": ("dir", 0o755), b".git/HEAD": ("file", 0o644), b".git/index": ("file", 0o644),
        }  # fmt: skip
        assert kept.content(repository[b".git/index"].oid) == b"index"


def test_a_folder_that_is_filled_is_empty_no_more(tmp_path: Path) -> None:
    """The manifest names a folder only as long as the tree does not tell it."""
    bare(tmp_path / "from")
    line = TreeLine(tmp_path / "from")
    line.start(Base("sha256:x", ()), TreeDelta((), ()))
    empty = line.follow(TreeDelta((TreeEntry(b"d", "dir", 0o755, 0),), ()))
    full = line.follow(TreeDelta((file("d/a", b"1"),), ()))
    assert line.follow(TreeDelta((), (b"d/a",))) == empty
    assert full.extra != empty.extra
    assert line.follow(TreeDelta((), (b"d",))).extra != empty.extra


@pytest.mark.parametrize(("git", "told"), [("", {}), ("f" * 64, None), ("f" * 40, None)], ids=["none", "a digest", "gone"])
def test_a_state_that_is_not_kept_is_told_so(tmp_path: Path, trees: tuple[Tree, Tree], git: str, told: dict[bytes, object] | None) -> None:
    """No repository at all, a record that kept its digest alone, and a manifest that is not there."""
    with reading(tmp_path / "from") as read:
        assert RecordedTree(read, Tree(trees[1].tree, trees[1].extra, git)).repository() == told


def test_changed_files_are_named_with_what_happened(tmp_path: Path, trees: tuple[Tree, Tree]) -> None:
    """What running Python leaves behind is nobody's work."""
    assert changed(tmp_path / "from", trees[0].tree, trees[1].tree) == [("A", "full/a")]


def test_a_missing_tree_is_a_fault_of_the_record(tmp_path: Path, trees: tuple[Tree, Tree]) -> None:
    """One sentence, whichever command of git noticed."""
    with pytest.raises(StoreError, match="diff-tree failed"):
        changed(tmp_path / "from", trees[0].tree, "e" * 40)
    with pytest.raises(StoreError):
        take_trees(tmp_path / "from", tmp_path / "to", (Tree("e" * 40, "", ""),))


def test_blobs_are_copied_and_checked(tmp_path: Path) -> None:
    """A damaged one is found on the way."""
    source, target = BlobFolder(tmp_path / "a"), BlobFolder(tmp_path / "b")
    blob = source.put(b"words")
    take_blobs(source, target, (blob,))
    assert target.get(blob) == b"words"
    with pytest.raises(StoreError):
        take_blobs(source, target, (Blob("0" * 64, 3),))
