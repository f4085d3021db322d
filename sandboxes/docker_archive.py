"""Folders in and out of a container as tar archives, by the engine's own hand: no process in the container has a say."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Final, cast

from docker import APIClient

from harness.core.errors import SandboxError, WorkspaceTooLargeError

CHUNK: Final = 2 << 20
LONGEST: Final = 2 << 30


def take_folder(api: APIClient, container: str, path: str, *, limit: int = LONGEST) -> bytes:
    """A tar of a file or folder; member names begin with its own last name. Raises WorkspaceTooLargeError above `limit` bytes."""
    stream, _stat = api.get_archive(container, path, chunk_size=CHUNK)
    parts, size = [], 0
    # The engine locks the container until the answer is read or let go, and a fault on its way up would hold it.
    with closing(cast("Generator[bytes]", stream)):
        for part in stream:
            size += len(part)
            if size > limit:
                raise WorkspaceTooLargeError(f"{path} holds more than the {limit >> 20} MiB that can be taken out")
            parts.append(part)
    return b"".join(parts)


def lay_tar(api: APIClient, container: str, tar: bytes) -> None:
    """Unpack a tar over the root of a container that need not run yet, with the owners and modes it names."""
    if not api.put_archive(container, "/", tar):
        raise SandboxError(f"the engine did not take a tar of {len(tar)} bytes")
