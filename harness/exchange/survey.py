"""What of a run's folder goes into an archive, in the order of the members' names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from harness.exchange import database
from harness.exchange.manifest import DATABASE, known
from harness.exchange.refusal import RefusedError

ROOMS = ("audits", "bases", "blobs", "settled", "trees.git/objects")
"""Not `context`: accounts are made again from these. What tests said of a tree would take the task's image."""


def files(folder: Path, record: Path) -> Iterator[tuple[str, Path]]:
    """Member name and file; `record` is the copy of the database. Locks, slots, temporary files and git's own settings are left out."""
    for name in sorted((*ROOMS, DATABASE, "run.log", "workers.log")):
        if name in ROOMS:
            yield from _below(folder / name, name)
        elif name == DATABASE:
            yield name, record
        elif (folder / name).is_file():
            yield name, folder / name


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Every member under a folder; names of folders are ordered as their members' are."""
    if not folder.is_dir():
        return
    with os.scandir(folder) as found:
        entries = sorted((entry.name + "/" * entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)) for entry in found)
    for entry, plain in entries:
        member = f"{name}/{entry}"
        if entry.endswith("/"):
            yield from _below(folder / entry[:-1], member[:-1])
        elif plain and known(member):
            yield member, folder / entry


def complete(folder: Path, record: Path) -> None:
    """Every blob that the record names is there. Raises RefusedError naming the first that is not."""
    for where, digest in database.named(record):
        member = f"blobs/{digest[:2]}/{digest[2:]}.zst"
        if not (folder / member).is_file():
            raise RefusedError(member, "no such file", f"the blob that {where} names")
