"""Places at a model, shared by all worker processes of a run: locked files, which the system frees when a worker dies."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

_POLL_S = 0.02


class FileSlots(msgspec.Struct, frozen=True):
    """`places` requests at a time may be at `model`. Calling it gives a context whose value is the seconds waited."""

    folder: Path
    model: str
    places: int
    now: Callable[[], float]
    sleep: Callable[[float], None]

    @contextmanager
    def __call__(self) -> Iterator[float]:
        began = self.now()
        file = self._taken()
        try:
            yield self.now() - began
        finally:
            file.close()

    def _taken(self) -> IO[bytes]:
        folder = self.folder / hashlib.sha256(self.model.encode()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            for place in range(self.places):
                file = (folder / str(place)).open("wb")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    file.close()
                else:
                    return file
            self.sleep(_POLL_S)
