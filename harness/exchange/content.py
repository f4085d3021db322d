"""Whether a file holds what its name says: blobs and git objects are called by the digest of their content. Memory stays flat."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from harness.core.tree import Base
from harness.exchange.frame import CHUNK, WINDOW
from harness.exchange.manifest import AUDIT, BASE, BLOB, LOOSE, PACK, SETTLED
from harness.exchange.refusal import RefusedError
from harness.store import audits, settled

LARGEST = 4 << 30
"""Bytes that one blob or object may unfold to."""
LARGEST_BASE = 256 << 20
_SHA1 = 20


def pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next `size` bytes; a log that goes on growing is taken as it was. Raises RefusedError where there are fewer."""
    left = size
    while left:
        data = file.read(min(left, CHUNK))
        if not data:
            raise RefusedError("", "a file that shrinks while it is read", "a record at rest or growing")
        yield data
        left -= len(data)


def hashed(file: BinaryIO, size: int) -> str:
    """Sha256 of the next `size` bytes."""
    return _digest("sha256", pieces(file, size))


def checked(member: str, path: Path, largest: int = LARGEST) -> None:
    """Raises RefusedError where the content is not what the member's name says, or unfolds beyond `largest` bytes."""
    with path.open("rb") as file:
        try:
            good = _holds(member, file, largest)
        except (zstandard.ZstdError, zlib.error, EOFError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            raise RefusedError(member, f"damage: {fault}", "content that can be read") from fault
    if not good:
        raise RefusedError(member, "content of another digest", "what the name says")


def _holds(member: str, file: BinaryIO, largest: int) -> bool:
    if found := BLOB.fullmatch(member):
        return _digest("sha256", _bounded(_unfolded(file), member, largest)) == "".join(found.groups())
    if found := LOOSE.fullmatch(member):
        return _digest("sha1", _bounded(_inflated(file), member, largest)) == "".join(found.groups())
    if PACK.fullmatch(member):
        return _sealed(file)
    if BASE.fullmatch(member):
        return os.fstat(file.fileno()).st_size <= LARGEST_BASE and bool(msgspec.json.decode(file.read(), type=Base))
    if found := SETTLED.fullmatch(member):
        return settled.name_of(_whole(file, member, settled.MOST)) == found[1]
    if found := AUDIT.fullmatch(member):
        return audits.name_of(_whole(file, member, audits.MOST)) == found[1]
    return True


def _whole(file: BinaryIO, member: str, most: int) -> bytes:
    """Raises RefusedError for a file that is longer."""
    if os.fstat(file.fileno()).st_size > most:
        raise RefusedError(member, "more than its readers take", f"at most {most:,} bytes")
    return file.read()


def _digest(kind: str, pieces: Iterator[bytes]) -> str:
    digest = hashlib.new(kind, usedforsecurity=False)
    for data in pieces:
        digest.update(data)
    return digest.hexdigest()


def _bounded(pieces: Iterator[bytes], member: str, largest: int) -> Iterator[bytes]:
    left = largest
    for data in pieces:
        left -= len(data)
        if left < 0:
            raise RefusedError(member, f"content that unfolds beyond {largest:,} bytes", "less")
        yield data


def _unfolded(file: BinaryIO) -> Iterator[bytes]:
    reader = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(file, closefd=False)
    while data := reader.read(CHUNK):
        yield data


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    """Piece by piece, each of bounded size."""
    folded = zlib.decompressobj()
    while not folded.eof:
        data = folded.decompress(folded.unconsumed_tail or file.read(CHUNK), CHUNK)
        if not data and not folded.unconsumed_tail and not folded.eof and not file.peek(1):  # type: ignore[attr-defined]
            raise EOFError("it breaks off")
        yield data


def _sealed(file: BinaryIO) -> bool:
    """A pack ends in the sha1 of all before."""
    size = file.seek(0, 2) - _SHA1
    if size < 0:
        return False
    file.seek(0)
    return _digest("sha1", pieces(file, size)) == file.read().hex()
