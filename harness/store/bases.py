"""The base of each image in a run: its listing in a file, its contents as git objects. Made once per image."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from harness.core.errors import StoreError
from harness.core.machine import TreeEntry
from harness.core.tree import Base, BaseEntry, members, own_git
from harness.store.atomic import place
from harness.store.objects import GitObject, bare, made, write
from harness.store.unforced import force, unforced


def from_tar(image: str, tar: bytes) -> tuple[Base, list[GitObject]]:
    """Listing and objects of a harvested folder; the objects leave out the repository's own .git."""
    entries, objects = [], []
    for entry, data in members(tar):
        body = made(b"blob", data) if entry.kind in ("file", "link") else None
        entries.append(BaseEntry(entry.path, _kind(entry), entry.mode, entry.size, body.oid if body else ""))
        if body and not own_git(entry.path):
            objects.append(body)
    return Base(image, tuple(entries)), objects


def _kind(entry: TreeEntry) -> Literal["file", "link", "dir", "special"]:
    return "special" if entry.kind == "unreadable" else entry.kind


def keep(run: Path, base: Base, objects: list[GitObject]) -> None:
    """Write the objects and then the listing, each forced to disk, so that a listing never names what is not there. Raises StoreError."""
    bare(run / "trees.git")
    write(run / "trees.git", objects)
    unforced(run).force()
    path = path_of(run, base.image)
    place(path, msgspec.json.encode(base), durable=True)
    force((path.parent, run))


def kept(run: Path, image: str) -> Base | None:
    """The base of an image in this run, or None when nobody has made it yet. Raises StoreError for one that can't be read."""
    path = path_of(run, image)
    return read(path) if path.exists() else None


def read(path: Path) -> Base:
    """The base in this file. Raises StoreError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Base)
    except (OSError, ValueError, RecursionError) as fault:
        raise StoreError(f"{path}: the base of an image can't be read: {fault}") from fault


def path_of(run: Path, image: str) -> Path:
    """Where the base of an image is kept in a run."""
    return run / "bases" / f"{image.removeprefix('sha256:')[:24]}.json"
