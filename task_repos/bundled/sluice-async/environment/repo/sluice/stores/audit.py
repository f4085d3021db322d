"""Who did what: lines of which each holds the digest of the one before."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

from sluice.clock import Clock
from sluice.errors import StoreError
from sluice.stores._files import append_lines, mend_tail, whole_lines
from sluice.times import format_time

_START = "0" * 64


class AuditTrail:
    """Entries are numbered from 1 in the order in which they were recorded, and cannot be changed unnoticed."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.RLock()
        self._last = _START
        self._count = 0

    def open(self) -> int:
        """Find the end of the trail; how many entries there are. Raises StoreError when the trail was changed."""
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists():
                mend_tail(self._path)
            self._count, self._last = self._walk()
            return self._count

    def record(self, who: str, what: str, text: str) -> int:
        """Add an entry; its number."""
        with self._lock:
            entry = {"number": self._count + 1, "at": format_time(self._clock.now()), "who": who, "what": what, "text": text, "before": self._last}
            line = json.dumps(entry, sort_keys=True)
            append_lines(self._path, [line])
            self._count += 1
            self._last = _digest(line)
            return self._count

    def entries(self, newest: int | None = None) -> list[dict[str, Any]]:
        """All entries, or the newest few, the oldest first."""
        with self._lock:
            found = [json.loads(line) for line in whole_lines(self._path)]
        return found if newest is None else found[-newest:]

    def verify(self) -> int:
        """How many entries there are; raises StoreError at the first one that does not follow from the one before."""
        with self._lock:
            return self._walk()[0]

    def _walk(self) -> tuple[int, str]:
        before, number = _START, 0
        for line in whole_lines(self._path):
            number += 1
            try:
                entry = json.loads(line)
                fits = entry["before"] == before and entry["number"] == number
            except (json.JSONDecodeError, KeyError, TypeError):
                fits = False
            if not fits:
                raise StoreError(f"the audit trail was changed at entry {number}")
            before = _digest(line)
        return number, before


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode("utf-8")).hexdigest()
