"""Files that are either as they were or as they should be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file at once: readers see all of the old bytes or all of the new ones."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)
    sync_folder(path.parent)


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines at the end, and have them on disk before this returns."""
    with path.open("ab") as file:
        file.write("".join(f"{line}\n" for line in lines).encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def whole_lines(path: Path) -> Iterator[str]:
    """The lines of a file; a last one without its end was cut off by a crash and is left out."""
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line.decode("utf-8").rstrip("\n")
    except FileNotFoundError:
        return


def mend_tail(path: Path) -> int:
    """Cut off a last line without its end; the bytes that were cut."""
    data = path.read_bytes()
    keep = data.rfind(b"\n") + 1
    if keep < len(data):
        with path.open("r+b") as file:
            file.truncate(keep)
            os.fsync(file.fileno())
    return len(data) - keep


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
