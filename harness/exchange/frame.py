"""The outside of an archive: one zstd frame, walked block by block without unpacking, and the plain tar members inside it.

Refused: the standard library's tar reader for what comes in. It follows links, sparse maps and extended headers; here there is one kind of
member, and everything else is an answer of no.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO, Protocol

import zstandard

from harness.exchange.refusal import RefusedError

MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW = 1 << 23
"""Bytes of memory that a frame may ask for."""
UNIT = tarfile.BLOCKSIZE
CHUNK = 1 << 18
_HEADER = 18
_RLE, _RESERVED = 1, 3
_KINDS = {
    tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link", tarfile.DIRTYPE: "a folder", tarfile.FIFOTYPE: "a pipe",
    tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device",
}  # fmt: skip


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def walked(file: BinaryIO) -> None:
    """Read the block headers to the end of the frame, then go back to the start. Raises RefusedError for another file, a cut or a longer one.

    Form: RFC 8878, section 3.1.1. A stream decoder alone does not tell a frame without its last bytes from a whole one.
    """
    size = file.seek(0, 2)
    at, checksum = _opened(file)
    last = False
    while not last:
        file.seek(at)
        word = int.from_bytes(head := file.read(3), "little")
        last, kind, length = bool(word & 1), word >> 1 & 3, word >> 3
        if len(head) == 3 and kind == _RESERVED:
            raise _damaged(at)
        at += 3 + (1 if kind == _RLE else length)
        if len(head) < 3 or at > size:
            raise _cut(size)
    if (end := at + checksum) != size:
        raise _cut(size) if end > size else RefusedError("", f"{size - end:,} bytes after the end", "an archive and nothing else")
    file.seek(0)


def _opened(file: BinaryIO) -> tuple[int, int]:
    """Where the first block begins, and how many bytes of checksum follow the last."""
    file.seek(0)
    start = file.read(_HEADER)
    if not start.startswith(MAGIC):
        raise _cut(len(start)) if start and MAGIC.startswith(start) else RefusedError("", "no archive", "a file that `longhaul export` made")
    try:
        told = zstandard.get_frame_parameters(start)
        length = zstandard.frame_header_size(start)
    except zstandard.ZstdError as fault:
        raise _cut(len(start)) if len(start) < _HEADER else _damaged(0) from fault
    if told.window_size > WINDOW or told.dict_id:
        raise RefusedError("", f"a frame that asks for {told.window_size:,} bytes of memory", f"at most {WINDOW:,}")
    return length, 4 * bool(told.has_checksum)


def _cut(size: int) -> RefusedError:
    return RefusedError("", f"a file that breaks off after {size:,} bytes", "a whole archive")


def _damaged(at: int) -> RefusedError:
    return RefusedError("", f"damage near byte {at:,}", "an archive as it was written")


class Tar:
    """The members of the stream in their order; each must be read to its end before the next. Raises RefusedError, never unpacks."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stream: Readable = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(file, closefd=False)

    def next(self, name: str) -> int:
        """The size of the next member, which must be an ordinary file of this name."""
        block = self._read(UNIT)
        try:
            found = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as fault:
            end = not block.strip(b"\0")
            raise RefusedError(name, "the archive's end" if end else "no tar header", "this member") from fault
        if found.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise RefusedError(found.name[:200], _KINDS.get(found.type, "a member of another kind"), "ordinary files alone")
        if found.name != name:
            raise RefusedError(found.name[:200], "a member that the manifest does not name here", name)
        return found.size

    def chunks(self, size: int) -> Iterator[bytes]:
        """The bytes of the member just named."""
        left = size
        while left:
            data = self._read(min(left, CHUNK))
            left -= len(data)
            yield data
        self._read(-size % UNIT)

    def end(self) -> None:
        """After the last member come two empty blocks, then padding up to a record's length, and nothing else."""
        rest = self._read(2 * UNIT) + self._upto(tarfile.RECORDSIZE)
        if rest.strip(b"\0") or self._some(1):
            raise RefusedError("", "more after the last member", "the manifest's members alone")

    def _read(self, size: int) -> bytes:
        done = self._upto(size)
        if len(done) < size:
            raise RefusedError("", "the end of the members", "as many as the manifest names, each in full")
        return done

    def _upto(self, size: int) -> bytes:
        done = bytearray()
        while len(done) < size and (data := self._some(size - len(done))):
            done += data
        return bytes(done)

    def _some(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except zstandard.ZstdError as fault:
            raise _damaged(self._file.tell()) from fault
