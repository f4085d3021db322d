"""Bulky bytes by content: zstd files named by the sha256 of what they hold, written once and checked on reading."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.store.atomic import place
from harness.store.unforced import unforced

LEVEL = 3
CHUNK = 1 << 20
WINDOW = 1 << 23
"""The most memory that a frame may ask for before it has given a byte; level 3 asks for a quarter of it."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobFolder(msgspec.Struct, frozen=True):
    """A run's folder of blobs; `put` is atomic and idempotent, so several processes may share it."""

    folder: Path

    def put(self, data: bytes) -> Blob:
        """Keep the bytes; returns their name. Raises StoreError when they can't be written.

        What is there already is read once more: after a power loss a file of an unsettled trial may have its name and not its bytes.
        """
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        path = self.path(blob)
        if not path.exists() or self.complaint(blob):
            place(path, zstandard.ZstdCompressor(level=LEVEL).compress(data))
        unforced(self.folder.parent).note(path)
        return blob

    def get(self, blob: Blob) -> bytes:
        """The bytes. Raises StoreError when they are missing, damaged, another's, or not as many as recorded."""
        return b"".join(self._chunks(blob))

    def complaint(self, blob: Blob) -> str:
        """What `get` would raise, in constant memory; "" for a blob that is whole."""
        try:
            for _ in self._chunks(blob):
                pass
        except StoreError as fault:
            return str(fault)
        return ""

    def path(self, blob: Blob) -> Path:
        """Where the blob is or would be. Raises StoreError for a name that is no digest: it may come from a damaged record."""
        if not _DIGEST.fullmatch(blob.sha256):
            raise StoreError(f"{self.folder}: {blob.sha256[:70]!r} is not the digest of a blob")
        return self.folder / blob.sha256[:2] / f"{blob.sha256[2:]}.zst"

    def _chunks(self, blob: Blob) -> Iterator[bytes]:
        """Never more than the recorded size, however much the file would give."""
        path, seen, digest = self.path(blob), 0, hashlib.sha256()
        try:
            with _opened(path) as file, zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(file) as reader:
                while chunk := reader.read(min(CHUNK, blob.size - seen + 1)):
                    seen += len(chunk)
                    if seen > blob.size:
                        raise StoreError(f"{path}: blob holds more than the {blob.size} bytes on record")
                    digest.update(chunk)
                    yield chunk
        except (OSError, zstandard.ZstdError) as fault:
            raise StoreError(f"{path}: blob can't be read: {fault.strerror if isinstance(fault, OSError) else fault}") from fault
        if seen < blob.size:
            raise StoreError(f"{path}: blob holds {seen} of the {blob.size} bytes on record")
        if digest.hexdigest() != blob.sha256:
            raise StoreError(f"{path}: blob does not have the digest in its name")


def _opened(path: Path) -> BinaryIO:
    """An ordinary file and nothing else: a link may lead anywhere, and a pipe never ends."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise StoreError(f"{path}: blob is not an ordinary file")
    return os.fdopen(handle, "rb")
