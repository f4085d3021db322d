"""Which files of a run this process wrote and has not yet forced to disk: a settled trial survives a power loss, so what it names must too.

Forced once per trial, at its settlement. Refused: fsync at each write, thirty a turn and most of them for trials that may never
settle; and syncfs, one call, but one that waits for everything Docker is writing on the same file system.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from harness.store.faults import named

LONG = 4096
"""The list of a process that settles nothing is worked off at this length, so that memory stays flat."""


class Unforced:
    """Names to force; a file found there already counts too, since who wrote it may not have settled."""

    def __init__(self) -> None:
        self._paths: set[Path] = set()

    def __len__(self) -> int:
        return len(self._paths)

    def note(self, path: Path) -> None:
        """Raises StoreError, like `force`, when the list had grown long."""
        self._paths.add(path)
        if len(self._paths) >= LONG:
            self.force()

    def force(self) -> None:
        """Files first, then the folders that name them. Raises StoreError; what was not forced stays noted."""
        paths = sorted(self._paths)
        folders = {folder for path in paths for folder in (path.parent, path.parent.parent)}
        force([*paths, *sorted(folders, reverse=True)])
        self._paths.difference_update(paths)


def force(paths: Iterable[Path]) -> None:
    """Force files and folders to disk, in this order. Raises StoreError."""
    for path in paths:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as fault:
            raise named(path, "could not be forced to disk", fault) from fault


_OPEN: dict[Path, Unforced] = {}


def unforced(run: Path) -> Unforced:
    """The one of this run in this process: blobs, trees and bases are written by parts that know nothing of each other."""
    return _OPEN.setdefault(run.absolute(), Unforced())
