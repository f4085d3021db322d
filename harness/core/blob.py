"""The name of bulky bytes that are kept beside the events."""

from __future__ import annotations

import msgspec


class Blob(msgspec.Struct, frozen=True):
    """Bulky bytes kept by content: sha256 (hex) and size of the uncompressed bytes."""

    sha256: str
    size: int
