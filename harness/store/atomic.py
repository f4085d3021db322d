"""A file that is there whole or not at all: written under another name, renamed, and nothing left where that fails."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from harness.store.faults import named


def place(path: Path, data: bytes, beginning: str = ".new-", *, durable: bool = False) -> None:
    """Write the bytes at `path`, whose folder is made if need be; `beginning` of the name meanwhile. Raises StoreError.

    `durable`: after a power loss, too, the name never stands without its bytes. Readable to whom the user's umask lets read, which a file of `tempfile` would not be.
    """
    fresh = path.parent / f"{beginning}{secrets.token_hex(8)}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("xb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as fault:
        with suppress(OSError):
            fresh.unlink()
        raise named(path, "could not be written", fault) from fault
