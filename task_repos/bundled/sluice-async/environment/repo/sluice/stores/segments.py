"""Readings on disk: one file of lines per day."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sluice.errors import StoreError
from sluice.model.readings import Reading, merge, newest
from sluice.stores._files import append_lines, mend_tail, whole_lines, write_whole

SUFFIX = ".jsonl"


class ReadingStore:
    """Appends readings and finds them again. Calls take effect one after another, in the order in which they were made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()

    def open(self) -> int:
        """Make the folder and mend what a crash has cut off; the bytes that were lost."""
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            return sum(mend_tail(path) for path in self._paths())

    def append(self, readings: Iterable[Reading]) -> int:
        """Keep readings, in their order; how many. They are on disk when this returns."""
        by_day: dict[date, list[str]] = defaultdict(list)
        for reading in readings:
            by_day[reading.at.astimezone(UTC).date()].append(json.dumps(reading.to_dict(), separators=(",", ":")))
        with self._lock:
            for day, lines in by_day.items():
                append_lines(self._path(day), lines)
        return sum(map(len, by_day.values()))

    def scan(
        self,
        start: datetime | None = None,
        end: datetime | None = None,
        station: str | None = None,
        point: str | None = None,
    ) -> Iterator[Reading]:
        """Readings from start (included) to end (not included), day by day, each day by time; one day is in memory at a time."""
        for day in self.days():
            if (start is not None and day < start.date()) or (end is not None and day > end.date()):
                continue
            with self._lock:
                readings = self._load(day)
            for reading in merge(readings):
                if _fits(reading, start, end, station, point):
                    yield reading

    def last(self, station: str, point: str) -> Reading | None:
        """The newest reading of a point."""
        for day in reversed(self.days()):
            with self._lock:
                readings = self._load(day)
            found = newest(readings).get((station, point))
            if found is not None:
                return found
        return None

    def days(self) -> list[date]:
        """Days of which there are readings."""
        with self._lock:
            return [date.fromisoformat(path.stem) for path in self._paths()]

    def compact(self, day: date) -> int:
        """Write the file of a day anew, in order and without doubles; the lines that this saved."""
        with self._lock:
            readings = self._load(day)
            kept = merge(readings)
            text = "".join(json.dumps(reading.to_dict(), separators=(",", ":")) + "\n" for reading in kept)
            write_whole(self._path(day), text.encode("utf-8"))
        return len(readings) - len(kept)

    def prune(self, before: date) -> list[date]:
        """Forget whole days before a day; which."""
        with self._lock:
            old = [day for day in self.days() if day < before]
            for day in old:
                self._path(day).unlink()
        return old

    def _load(self, day: date) -> list[Reading]:
        found = []
        for number, line in enumerate(whole_lines(self._path(day)), 1):
            try:
                found.append(Reading.from_dict(json.loads(line)))
            except (json.JSONDecodeError, StoreError) as error:
                raise StoreError(f"{self._path(day).name}, line {number}: {error}") from None
        return found

    def _path(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}{SUFFIX}"

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def _fits(reading: Reading, start: datetime | None, end: datetime | None, station: str | None, point: str | None) -> bool:
    if (start is not None and reading.at < start) or (end is not None and reading.at >= end):
        return False
    return station in (None, reading.station) and point in (None, reading.point)
