"""A git pack made of loose objects, so that git reads one file where it would open thousands. Pure."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from typing import Final

KINDS: Final = {b"commit": 1, b"tree": 2, b"blob": 3, b"tag": 4}
LARGEST: Final = 1 << 30


def entry(loose: bytes) -> bytes | None:
    """A loose file's object as a pack holds it; None for what is none."""
    try:
        head, nul, data = zlib.decompressobj().decompress(loose, LARGEST).partition(b"\0")
    except zlib.error:
        return None
    kind, _, size = head.partition(b" ")
    if not nul or kind not in KINDS or size != str(len(data)).encode():
        return None
    return entry_head(KINDS[kind], len(data)) + zlib.compress(data, 0)


def entry_head(kind: int, size: int) -> bytes:
    """Four bits of the size beside the kind, then seven at a time, the highest bit for more to come."""
    out = bytearray()
    byte, rest = (kind << 4) | (size & 15), size >> 4
    while rest:
        out.append(byte | 128)
        byte, rest = rest & 127, rest >> 7
    out.append(byte)
    return bytes(out)


def pack(entries: Sequence[bytes], *, sha256: bool) -> bytes:
    """The whole file with its checksum."""
    body = b"".join((b"PACK", struct.pack(">II", 2, len(entries)), *entries))
    return body + (hashlib.sha256(body) if sha256 else hashlib.sha1(body)).digest()  # noqa: S324 - git's own
