"""Bulky bytes by content: zstd files named by the sha256 of what they hold, written once and checked on reading."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec
import zstandard

from harness.core.errors import StoreError
from harness.core.events import Blob

LEVEL = 3


class BlobFolder(msgspec.Struct, frozen=True):
    """A folder of blobs; `put` is atomic and idempotent, so several processes may share it."""

    folder: Path

    def put(self, data: bytes) -> Blob:
        """Keep the bytes; returns their name. Raises StoreError when they can't be written."""
        blob = Blob(hashlib.sha256(data).hexdigest(), len(data))
        path = self._path(blob)
        if not path.exists():
            try:
                _write(path, zstandard.ZstdCompressor(level=LEVEL).compress(data))
            except OSError as fault:
                raise StoreError(f"{path}: could not be written: {fault.strerror}") from fault
        return blob

    def get(self, blob: Blob) -> bytes:
        """The bytes. Raises StoreError when they are missing, damaged or another's."""
        path = self._path(blob)
        try:
            data = zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=max(blob.size, 1))
        except (OSError, zstandard.ZstdError) as fault:
            raise StoreError(f"{path}: blob can't be read: {fault}") from fault
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise StoreError(f"{path}: blob does not have the digest in its name")
        return data

    def _path(self, blob: Blob) -> Path:
        return self.folder / blob.sha256[:2] / f"{blob.sha256[2:]}.zst"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
