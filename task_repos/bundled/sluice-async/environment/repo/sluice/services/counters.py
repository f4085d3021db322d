"""Numbers that only grow, for the metrics page."""

from __future__ import annotations

import threading
from collections import Counter

from sluice.services.events import AlarmChanged, BatchRefused, BatchSent, CommandFinished, Event, RolloutMoved, RoundFinished, StationFailed, StationPolled

_NAMES: dict[type[Event], str] = {
    StationPolled: "stations_polled",
    StationFailed: "stations_failed",
    RoundFinished: "rounds",
    CommandFinished: "commands",
    AlarmChanged: "alarms",
    BatchSent: "batches_sent",
    BatchRefused: "batches_refused",
    RolloutMoved: "rollout_steps",
}


class Counters:
    """Counts events by kind, and readings by round."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, event: Event) -> None:
        """A listener for all events."""
        with self._lock:
            name = _NAMES.get(type(event))
            if name is not None:
                self._counts[name] += 1
            if isinstance(event, RoundFinished):
                self._counts["readings"] += event.readings

    def value(self, name: str) -> int:
        with self._lock:
            return self._counts[name]

    def table(self) -> dict[str, int]:
        """All counts by name; those at zero are there too."""
        with self._lock:
            return {name: self._counts[name] for name in sorted({*_NAMES.values(), "readings"})}

    def page(self) -> str:
        """The counts as lines for a collector of metrics."""
        return "".join(f"sluice_{name}_total {count}\n" for name, count in self.table().items())
