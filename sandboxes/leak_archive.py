"""What is inside a file: itself, and what it holds packed, as deep and as much as is bounded, so that no bomb is unpacked. Pure."""

from __future__ import annotations

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

MOST: Final = 256 << 20
"""Bytes that one file of the image may become."""
DEEPEST: Final = 3
_TAR_MARK: Final = slice(257, 262)


class Unpacker(Protocol):
    """What the standard library's decompressors of streams have in common."""

    @property
    def eof(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class Gunzip:
    """zlib's object, whose input that is left over must be handed back to it, in the shape of the others'."""

    def __init__(self) -> None:
        self._held = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._held.eof

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._held.decompress(data, max_length)


def contents(path: str, data: bytes, room: int = MOST, depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of a file and of everything packed in it, an inner path after "!". What can't be unpacked is given as it is."""
    yield path, data
    if depth == DEEPEST:
        return
    for name, inner in unpacked(data, room):
        room -= len(inner)
        yield from contents(f"{path}!{name}", inner, max(0, room), depth + 1)
        if room <= 0:
            return


def unpacked(data: bytes, room: int) -> Iterator[tuple[str, bytes]]:
    """What a packed file holds; nothing of a plain or a broken one."""
    try:
        if data.startswith(b"PK\x03\x04"):
            yield from zipped(data, room)
        elif data[_TAR_MARK] == b"ustar":
            yield from tarred(data, room)
        elif data.startswith(b"\x1f\x8b\x08"):
            yield from streamed("gz", Gunzip(), data, room)
        elif data.startswith(b"\xfd7zXZ\0"):
            yield from streamed("xz", lzma.LZMADecompressor(memlimit=1 << 28), data, room)
        elif data.startswith(b"BZh"):
            yield from streamed("bz2", bz2.BZ2Decompressor(), data, room)
    except (zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError):
        return  # not what it seems, encrypted or cut off: as bytes it was looked at already


def streamed(kind: str, unpacker: Unpacker, data: bytes, room: int) -> Iterator[tuple[str, bytes]]:
    """One stream, as far as there is room."""
    held = unpacker.decompress(data, max(1, room))
    if held:
        yield kind, held


def zipped(data: bytes, room: int) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        for member in packed.infolist():
            if not member.is_dir() and room > 0:
                with packed.open(member) as handle:
                    held = handle.read(room)
                room -= len(held)
                yield member.filename, held


def tarred(data: bytes, room: int) -> Iterator[tuple[str, bytes]]:
    """Only for what is packed in a tar: what lies in it plainly was seen in the tar's own bytes."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            handle = tar.extractfile(member) if member.isreg() and room > 0 else None
            if handle is not None:
                held = handle.read(room)
                room -= len(held)
                yield member.name, held
