"""A run's folder to one file: a tar in zstd, its manifest first; the same record gives the same bytes, and a run may go on meanwhile."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec
import zstandard

from harness.core.errors import PlanError
from harness.exchange import content, database, manifest
from harness.exchange.content import pieces
from harness.exchange.frame import UNIT
from harness.exchange.manifest import Head, Member
from harness.exchange.refusal import RefusedError, told_of
from harness.exchange.scratch import scratch
from harness.exchange.survey import complete, files

LEVEL = 3


class Writable(Protocol):
    def write(self, data: bytes, /) -> object: ...


class Sent(msgspec.Struct, frozen=True):
    """`bytes` is the archive's size."""

    run: str
    path: str
    members: int
    bytes: int


def export(folder: Path, target: Path) -> Sent:
    """Write the archive beside `target` and give it that name at the end. Raises PlanError, StoreError; then nothing is left.

    The database is copied first: blobs and trees are written before the events that name them, so what the copy names is there.
    """
    _free(target)
    with told_of(target), scratch(target.parent, ".longhaul-export-") as room:
        with told_of(folder):
            head = _listed(folder, room)
        with (room / "archive").open("wb") as file:
            _pack(folder, room, head, file)
            os.fsync(file.fileno())
        _placed(room / "archive", target)
    return Sent(head.run, str(target), head.members, target.stat().st_size)


def _free(target: Path) -> None:
    if os.path.lexists(target):
        raise PlanError("", "--to", f"{target}, which is there already", "a path where nothing is yet")
    if not target.parent.is_dir():
        raise PlanError("", "--to", f"{target}, whose folder is not there", "a path in a folder that is there")


def _placed(made: Path, target: Path) -> None:
    """Under its name at once, and never over a file that came meanwhile; where a file system knows no hard links, by renaming."""
    try:
        os.link(made, target)
    except FileExistsError as fault:
        raise RefusedError("", "a file that appeared meanwhile", "a path where nothing is yet") from fault
    except OSError:
        made.rename(target)


def _listed(folder: Path, room: Path) -> Head:
    """The first pass: every member checked and its line written, then the head that counts them. Lines go to a file, not to memory."""
    record = room / manifest.DATABASE
    database.copy(folder / manifest.DATABASE, record)
    facts = database.inspected(record)
    complete(folder, record)
    number = size = 0
    with (room / "lines").open("wb") as lines:
        for name, path in files(folder, record):
            content.checked(name, path)
            told = _member(name, path)
            lines.write(manifest.line(told))
            number, size = number + 1, size + told.size
    return Head(manifest.SCHEMA, facts.run, facts.name, facts.created, facts.store, facts.harness, number, size)


def _member(name: str, path: Path) -> Member:
    size = path.stat().st_size
    with path.open("rb") as file:
        return Member(name, size, content.hashed(file, size))


def _pack(folder: Path, room: Path, head: Head, file: BinaryIO) -> None:
    """The second pass: the manifest, then each member as its line has it."""
    first = manifest.line(head)
    squeeze = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    with (room / "lines").open("rb") as lines, squeeze.stream_writer(file, closefd=False) as stream:
        size = len(first) + (room / "lines").stat().st_size
        _put(stream, manifest.NAME, size, chain((first,), pieces(lines, size - len(first))))
        lines.seek(0)
        for told in manifest.members(lines):
            with (room if told.path == manifest.DATABASE else folder).joinpath(told.path).open("rb") as member:
                _put(stream, told.path, told.size, pieces(member, told.size))
        stream.write(bytes(2 * UNIT))


def _put(stream: Writable, name: str, size: int, data: Iterable[bytes]) -> None:
    """A member with nothing of this machine or moment: no owner, no time, one mode.

    Refused: the standard library's tar writer, which remembers every member that it has written.
    """
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o644
    stream.write(told.tobuf(tarfile.GNU_FORMAT))
    for piece in data:
        stream.write(piece)
    stream.write(bytes(-size % UNIT))
