"""Batches that wait to be uploaded, a file each."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from sluice.errors import StoreError
from sluice.model.batches import Batch
from sluice.model.readings import Reading
from sluice.stores._files import write_whole

_WIDTH = 8


class Spool:
    """Numbers batches and keeps them until they are dropped or refused. Numbers never come twice, not after a crash either."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._refused = folder / "refused"
        self._lock = threading.RLock()

    def open(self) -> None:
        with self._lock:
            self._refused.mkdir(parents=True, exist_ok=True)

    def put(self, readings: Sequence[Reading]) -> Batch:
        """A batch of readings under the next number; it is on disk when this returns."""
        if not readings:
            raise StoreError("a batch holds at least one reading")
        with self._lock:
            batch = Batch(self._next(), tuple(readings))
            write_whole(self._folder / "last", str(batch.number).encode("ascii"))
            write_whole(self._path(batch.number), batch.encode())
        return batch

    def waiting(self) -> list[int]:
        """Numbers of the batches that wait, the oldest first."""
        with self._lock:
            return sorted(int(path.stem) for path in self._folder.glob("*.json"))

    def load(self, number: int) -> Batch:
        with self._lock:
            try:
                return Batch.decode(self._path(number).read_bytes())
            except FileNotFoundError:
                raise StoreError(f"there is no batch {number}") from None

    def drop(self, number: int) -> None:
        """Forget a batch that has arrived."""
        with self._lock:
            self._path(number).unlink(missing_ok=True)

    def refuse(self, number: int, reason: str) -> None:
        """Lay a batch aside that the collector will never take, with the reason."""
        with self._lock:
            target = self._refused / self._path(number).name
            self._path(number).replace(target)
            write_whole(target.with_suffix(".reason"), reason.encode("utf-8"))

    def refused(self) -> list[tuple[int, str]]:
        """Numbers and reasons of the batches that were laid aside."""
        with self._lock:
            found = sorted(self._refused.glob("*.reason"))
            return [(int(path.stem), path.read_text(encoding="utf-8")) for path in found]

    def size(self) -> int:
        """Bytes that wait."""
        with self._lock:
            return sum(path.stat().st_size for path in self._folder.glob("*.json"))

    def _next(self) -> int:
        try:
            last = int((self._folder / "last").read_text(encoding="ascii"))
        except FileNotFoundError:
            last = 0
        except ValueError:
            raise StoreError("the spool does not know its last number") from None
        return max([last, *self.waiting()]) + 1

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:0{_WIDTH}d}.json"
