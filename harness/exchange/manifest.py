"""What an archive says it holds: a head and one line per member, in the order of their names. Pure.

The lines stand in strictly rising order, so that a duplicate is seen with one name in memory, however many members there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from harness.exchange.refusal import RefusedError

SCHEMA = "longhaul.archive/1"
NAME = "manifest.jsonl"
LONGEST_LINE = 4096
LARGEST = 1 << 30
"""Bytes of a manifest: some millions of members."""
BLOCK = 4096
"""A small file takes so much of a disk."""

DATABASE = "run.sqlite"
LOGS = ("run.log", "workers.log")
BLOB = re.compile(r"blobs/([0-9a-f]{2})/([0-9a-f]{62})\.zst")
LOOSE = re.compile(r"trees\.git/objects/([0-9a-f]{2})/([0-9a-f]{38})")
PACK = re.compile(r"trees\.git/objects/pack/pack-[0-9a-f]{40}\.pack")
BASE = re.compile(r"bases/[0-9a-f]{1,64}\.json")
SETTLED = re.compile(r"settled/([0-9a-f]{64})\.json")
AUDIT = re.compile(r"audits/([0-9a-f]{12})\.json")
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line. `store` is the format of its record, `members` and `bytes` count all lines below."""

    schema: str
    run: str
    name: str
    created: str
    store: str
    harness: str
    members: int
    bytes: int


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its path in the run's folder, its size in bytes, its sha256 in hex."""

    path: str
    size: int
    sha256: str


Line = TypeVar("Line", Head, Member)


def known(path: str) -> bool:
    """Whether a run has a file of this path that goes into an archive: no lock, no temporary file, no git config or hook, nothing that climbs."""
    return path == DATABASE or path in LOGS or any(form.fullmatch(path) for form in (BLOB, LOOSE, PACK, BASE, SETTLED, AUDIT))


def line(value: Head | Member) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def head(text: bytes) -> Head:
    """The first line read. Raises RefusedError."""
    found = _decoded(text, Head)
    if found.schema != SCHEMA:
        raise RefusedError(NAME, f"the schema {found.schema}", f"{SCHEMA}, which is what this version reads")
    if not RUN.fullmatch(found.run):
        raise RefusedError(NAME, f"the run id {found.run!r}", "letters, digits, dots and dashes")
    return found


def members(lines: Iterable[bytes]) -> Iterator[Member]:
    """The other lines, each believed only so far. Raises RefusedError."""
    before = ""
    for text in lines:
        found = _decoded(text, Member)
        if not known(found.path):
            raise RefusedError(found.path[:200], "a name that no run's archive holds", "blobs, trees, bases, logs and the record")
        if found.path <= before:
            raise RefusedError(found.path, "a member twice" if found.path == before else "a member out of order", "each once, by name")
        if found.size < 0 or not re.fullmatch(r"[0-9a-f]{64}", found.sha256):
            raise RefusedError(found.path, "no size and sha256", "both, for every member")
        before = found.path
        yield found


def counted(promised: Head, told: Iterable[Member], free: int) -> int:
    """Bytes on disk of all members, checked against the head and against what is free. Raises RefusedError."""
    number = size = blocks = 0
    for each in told:
        number, size, blocks = number + 1, size + each.size, blocks + -(-each.size // BLOCK) * BLOCK
        if blocks > free:
            raise RefusedError(NAME, f"more than {free:,} bytes", f"no more than the {free:,} bytes that are free here")
    if (number, size) != (promised.members, promised.bytes):
        raise RefusedError(NAME, f"{number} members of {size} bytes", f"{promised.members} of {promised.bytes}, as its first line says")
    return blocks


def _decoded(text: bytes, kind: type[Line]) -> Line:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise RefusedError(NAME, f"a line that can't be read: {fault}", "what `longhaul export` writes") from fault
