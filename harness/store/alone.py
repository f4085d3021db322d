"""One process at a time: a locked file, which the system frees when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.store.faults import named


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until nobody else holds the file, which is made if need be and stays. Raises StoreError where it can't be made."""
    try:
        file = path.open("w")
    except OSError as fault:
        raise named(path, "could not be made", fault) from fault
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
