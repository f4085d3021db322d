"""One file to a run's folder: nothing stands under its name before every digest, size, name and row has been checked."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from harness.core.errors import PlanError, StoreError, StoreFullError
from harness.exchange import content, database, manifest
from harness.exchange.frame import Tar, walked
from harness.exchange.manifest import Head, Member
from harness.exchange.refusal import RefusedError, told_of
from harness.exchange.scratch import scratch
from harness.exchange.survey import complete
from harness.store.faults import named
from harness.store.objects import bare

SPARE = 64 << 20
"""Bytes of disk that an import leaves free."""
_GIT = ("git", "-c", "core.bigFileThreshold=64m", "-c", "pack.threads=1")


class Arrived(msgspec.Struct, frozen=True):
    """`fresh` False: this record, with the same content, was there already."""

    run: str
    name: str
    members: int
    bytes: int
    fresh: bool


def arrive(archive: Path, runs: Path) -> Arrived:
    """Unpack beside the runs, check, and only then give the folder its name. Raises PlanError, StoreError; then nothing is left.

    What is checked: the frame is whole, the manifest's names and sizes, each member's digest, each blob and object by its name, the
    database and its schema, that all named blobs are there. Git's own settings are never taken from an archive but made anew.
    """
    with _opened(archive) as file:
        with told_of(archive):
            walked(file)
        with told_of(runs):
            runs.mkdir(parents=True, exist_ok=True)
        with told_of(runs), scratch(runs, ".import-") as room, told_of(archive):
            head = _unpacked(file, room / "run", shutil.disk_usage(runs).free - SPARE)
            fresh = _placed(room / "run", runs / head.run)
    return Arrived(head.run, head.name, head.members, head.bytes, fresh)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """Raises PlanError for what is no file that can be read; a pipe would never end, a folder never begin."""
    try:
        if not path.is_file():
            raise PlanError(str(path), "", "a folder or a device" if path.exists() else "no such file", "an archive that `longhaul export` made")
        file = path.open("rb")
    except OSError as fault:
        raise PlanError(str(path), "", fault.strerror or str(fault), "a file that can be read") from fault
    with file:
        yield file


def _unpacked(file: BinaryIO, room: Path, free: int) -> Head:
    """Everything into `room`, checked. Raises RefusedError, OSError, StoreError."""
    room.mkdir()
    listing = room.parent / "lines"
    tar = Tar(file)
    head = _manifest(tar, listing, free)
    with listing.open("rb") as lines:
        lines.readline()
        for told in manifest.members(iter(lambda: lines.readline(manifest.LONGEST_LINE), b"")):
            _written(tar, told, room / told.path)
            content.checked(told.path, room / told.path)
    tar.end()
    _believed(room, head)
    _indexed(room / "trees.git")
    return head


def _manifest(tar: Tar, listing: Path, free: int) -> Head:
    """The manifest onto the disk, read once for its sums before any other member is taken."""
    size = tar.next(manifest.NAME)
    if not 0 <= size <= min(manifest.LARGEST, free):
        raise RefusedError(manifest.NAME, f"{size:,} bytes", f"at most {min(manifest.LARGEST, max(free, 0)):,}")
    with listing.open("wb") as file:
        for data in tar.chunks(size):
            file.write(data)
    with listing.open("rb") as lines:
        head = manifest.head(lines.readline(manifest.LONGEST_LINE))
        manifest.counted(head, manifest.members(iter(lambda: lines.readline(manifest.LONGEST_LINE), b"")), free - size)
    return head


def _written(tar: Tar, told: Member, path: Path) -> None:
    size = tar.next(told.path)
    if size != told.size:
        raise RefusedError(told.path, f"{size} bytes", f"{told.size}, as the manifest says")
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for data in tar.chunks(size):
            digest.update(data)
            file.write(data)
    if digest.hexdigest() != told.sha256:
        raise RefusedError(told.path, "content of another digest", "what the manifest says")


def _believed(room: Path, head: Head) -> None:
    """The record is what the head says, and names no blob that is missing."""
    if not (room / manifest.DATABASE).is_file():
        raise RefusedError(manifest.DATABASE, "no such member", "the record of a run")
    facts = database.inspected(room / manifest.DATABASE)
    if (facts.run, facts.store) != (head.run, head.store):
        raise RefusedError(manifest.DATABASE, f"run {facts.run}, format {facts.store}", f"{head.run}, {head.store}, as the manifest says")
    complete(room, room / manifest.DATABASE)
    (room / "blobs").mkdir(exist_ok=True)


def _indexed(repository: Path) -> None:
    """A repository of our own making around the objects; the index of each pack is made here, which reads every object of it."""
    objects = repository / "objects"
    if not objects.is_dir():
        return
    shelf = repository.with_name("arrived")
    objects.rename(shelf)
    repository.rmdir()
    bare(repository)
    shutil.rmtree(objects)
    shelf.rename(objects)
    for name in ("info", "pack"):
        (objects / name).mkdir(exist_ok=True)
    for pack in sorted((objects / "pack").glob("*.pack")):
        try:
            subprocess.run((*_GIT, "index-pack", "--threads=1", str(pack)), capture_output=True, check=True)
        except subprocess.CalledProcessError as fault:
            told = named(pack, "could not be indexed", fault)
            if isinstance(told, StoreFullError):
                raise told from fault
            words = " ".join(fault.stderr.decode("utf-8", "replace").split())[-200:]
            raise RefusedError(f"trees.git/objects/pack/{pack.name}", f"a pack that git can't read: {words}", "git objects") from fault


def _placed(room: Path, place: Path) -> bool:
    """Under its name, or False where the same record has it. Raises RefusedError where another has it."""
    if os.path.lexists(place):
        return _same(room, place)
    try:
        room.rename(place)
    except OSError as fault:
        if not os.path.lexists(place):
            raise
        raise RefusedError("", f"run {place.name}, which appeared meanwhile", "a run that is not there yet") from fault
    return True


def _same(room: Path, place: Path) -> bool:
    """False (nothing to do) for equal content; rows kept for speed and the store's format don't count."""
    copy = room.parent / "there.sqlite"
    try:
        database.copy(place / manifest.DATABASE, copy)
        equal = database.fingerprint(copy) == database.fingerprint(room / manifest.DATABASE)
    except StoreFullError:
        raise
    except (RefusedError, StoreError):
        equal = False
    if not equal:
        raise RefusedError("", f"run {place.name}, of which another record is in {place.parent}", "a run that is not there yet")
    return False
