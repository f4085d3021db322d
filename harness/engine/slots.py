"""Places at a model, shared by all worker processes of a run: first come, first served, and free again when whoever held or waited dies.

Who comes draws a ticket, a file numbered after all others, and keeps it locked; a place is free for whom fewer living tickets stand before
than there are places. The system unlocks the tickets of the dead, and the next who looks clears them away.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

_POLL_S = 0.02
_DOOR = "door"


class FileSlots(msgspec.Struct, frozen=True):
    """`places` requests at a time may be at `model`. Calling it gives a context whose value is the seconds waited, 0 where nobody stood before."""

    folder: Path
    model: str
    places: int
    now: Callable[[], float]
    sleep: Callable[[float], None]

    @contextmanager
    def __call__(self) -> Iterator[float]:
        queue = self.folder / hashlib.sha256(self.model.encode()).hexdigest()[:16]
        queue.mkdir(parents=True, exist_ok=True)
        with _drawn(queue) as ticket:
            yield self._waited(queue, ticket)

    def _waited(self, queue: Path, ticket: int) -> float:
        began = now = self.now()
        while _before(queue, ticket) >= self.places:
            self.sleep(_POLL_S)
            now = self.now()
        return now - began


@contextmanager
def _drawn(queue: Path) -> Iterator[int]:
    """A ticket of one's own. Numbers are used again only once nobody can mistake them: files are made and cleared at the door alone."""
    with _door(queue):
        number = max(_numbers(queue), default=0) + 1
        file = (queue / str(number)).open("wb")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with file:
        try:
            yield number
        finally:
            (queue / str(number)).unlink(missing_ok=True)


def _before(queue: Path, ticket: int) -> int:
    """How many of the living came before."""
    with _door(queue):
        return sum(_lives(queue / str(number)) for number in _numbers(queue) if number < ticket)


def _lives(path: Path) -> bool:
    """Whether somebody holds the ticket; that of a dead one is cleared away."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _numbers(queue: Path) -> list[int]:
    return [int(path.name) for path in queue.iterdir() if path.name.isdigit()]


@contextmanager
def _door(queue: Path) -> Iterator[IO[bytes]]:
    """One at a time, for as long as it takes to read a folder."""
    with (queue / _DOOR).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
