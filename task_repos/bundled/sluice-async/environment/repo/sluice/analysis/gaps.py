"""Where readings are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sluice.model.readings import Reading
from sluice.times import steps


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing usable from ``start`` (included) to ``end`` (not included)."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


def gaps(readings: Iterable[Reading], start: datetime, end: datetime, span: timedelta) -> list[Gap]:
    """Stretches of the grid from start to end in which steps have no usable reading."""
    seen = {(r.at - start) // span for r in readings if r.is_usable and start <= r.at < end}
    found: list[Gap] = []
    for n, moment in enumerate(steps(start, end, span)):
        if n in seen:
            continue
        until = min(moment + span, end)
        if found and found[-1].end == moment:
            found[-1] = Gap(found[-1].start, until)
        else:
            found.append(Gap(moment, until))
    return found


def completeness(readings: Iterable[Reading], start: datetime, end: datetime, span: timedelta) -> float:
    """The share of steps with a usable reading: 0 to 1."""
    wanted = len(steps(start, end, span))
    missing = sum(len(steps(gap.start, gap.end, span)) for gap in gaps(readings, start, end, span))
    return (wanted - missing) / wanted if wanted else 1.0


def last_seen(readings: Iterable[Reading]) -> datetime | None:
    return max((r.at for r in readings if r.is_usable), default=None)
