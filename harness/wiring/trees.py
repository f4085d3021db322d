"""A run's recorded trees as detectors ask for them: read-only, by tree id, what many trees share held once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from harness.store.listing import Listing, Listings
from harness.store.readback import Readback, reading

NEAR: Final = 256
"""Listings that are held though nobody else does."""
ROOM: Final = 16 << 20
"""Bytes of blobs that are held."""


class RunTrees:
    """Over one open repository; one reader at a time. Every method raises StoreError."""

    def __init__(self, read: Readback) -> None:
        self._read, self._listings = read, Listings(read)
        self._known: WeakValueDictionary[str, Listing] = WeakValueDictionary()
        self._near: OrderedDict[str, Listing] = OrderedDict()
        self._blobs: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def files(self, tree: str) -> Mapping[str, str]:
        """Path -> blob id of every file and link; the same object for the same tree as long as anybody holds it."""
        found = self._known.get(tree)
        if found is None:
            found = self._known[tree] = self._listings.of(tree)
        self._near[tree] = found
        self._near.move_to_end(tree)
        if len(self._near) > NEAR:
            self._near.popitem(last=False)
        return found

    def content(self, oid: str) -> bytes:
        if oid in self._blobs:
            self._blobs.move_to_end(oid)
            return self._blobs[oid]
        data = self._blobs[oid] = self._read.content(oid)
        self._size += len(data)
        while self._size > ROOM and self._blobs:
            self._size -= len(self._blobs.popitem(last=False)[1])
        return data


@contextmanager
def trees(folder: Path) -> Iterator[RunTrees]:
    """The trees of the run in `folder`, as long as the context lasts. Raises StoreError where none were recorded."""
    with reading(folder / "trees.git") as read:
        yield RunTrees(read)
