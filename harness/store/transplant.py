"""What a fork takes from its parent's record into its own: trees with all they hold, blobs, and the names of changed files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.core.recorded import Tree
from harness.store.blobs import BlobFolder
from harness.store.diffs import NOISE
from harness.store.objects import bare
from harness.store.readback import ALONE, reading
from harness.store.recorded import RecordedTree


def take_trees(source: Path, target: Path, trees: Iterable[Tree]) -> None:
    """Copy these trees, their manifests and contents, and what is kept of their .git, as one pack. Raises StoreError."""
    bare(target)
    roots, own = list[str](), list[str]()
    with reading(source) as read:
        for tree in trees:
            roots += [oid for oid in (tree.tree, tree.extra) if oid]
            if state := RecordedTree(read, tree).repository():
                own += [tree.git, *(entry.oid for entry in state.values() if len(entry.oid) == 40)]
    wanted = (*(oid.encode() for oid in dict.fromkeys(roots)), *there(source, list(dict.fromkeys(own))))
    every = _git(source, b"\n".join(wanted), "rev-list", "--objects", "--no-object-names", "--stdin")
    pack = _git(source, every, "pack-objects", "--stdout", "-q")
    _git(target, pack, "index-pack", "--stdin")


def there(repository: Path, oids: list[str]) -> list[bytes]:
    """Those of the objects that are kept: of the image's own .git only names are. Raises StoreError."""
    told = _git(repository, "\n".join(oids).encode(), "cat-file", "--batch-check")
    return [line.split()[0] for line in told.splitlines() if not line.endswith(b" missing")]


def _git(repository: Path, stdin: bytes, *words: str) -> bytes:
    argv = (*ALONE, "git", "--git-dir", str(repository), *words)
    try:
        return subprocess.run(argv, input=stdin, check=True, capture_output=True).stdout
    except subprocess.CalledProcessError as fault:
        said = fault.stderr.decode(errors="replace").strip()
        raise StoreError(f"{repository}: git {words[0]} failed: {said}") from fault
    except OSError as fault:
        raise StoreError(f"{repository}: git can't be run: {fault}") from fault


def take_blobs(source: BlobFolder, target: BlobFolder, blobs: Iterable[Blob]) -> None:
    """Copy the blobs, each checked on the way. Raises StoreError."""
    for blob in blobs:
        target.put(source.get(blob))


def changed(repository: Path, old: str, new: str) -> list[tuple[str, str]]:
    """Git's letter and the path of every file that differs, what running Python leaves behind aside. Raises StoreError."""
    told = _git(repository, b"", "diff-tree", "-r", "-z", "--no-renames", "--name-status", old, new, "--", *NOISE)
    words = [os.fsdecode(word) for word in told.split(b"\0") if word]
    return [(letter, path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")) for letter, path in zip(words[::2], words[1::2], strict=True)]
