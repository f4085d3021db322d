"""Readings drawn together over hours and days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sluice.analysis.statistics import Summary, summarise, usable
from sluice.model.readings import Reading
from sluice.times import floor_to

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one point over one stretch that begins at ``start``."""

    station: str
    point: str
    start: datetime
    summary: Summary


def rollup(readings: Iterable[Reading], span: timedelta = HOUR) -> list[Row]:
    """Rows by station, point and time; stretches without a usable value have no row."""
    groups: dict[tuple[str, str, datetime], list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading.station, reading.point, floor_to(reading.at, span)].append(reading)
    found = []
    for (station, point, start), members in sorted(groups.items()):
        values = usable(members)
        if values:
            found.append(Row(station, point, start, summarise(values)))
    return found


def pulse_volume(readings: Iterable[Reading], litres: float, modulus: int = 65536) -> float:
    """Cubic metres that a pulse counter has counted, over its overflows; single steps backwards count as overflow."""
    counts = [int(value) for value in usable(sorted(readings, key=lambda r: r.at))]
    total = sum((after - before) % modulus for before, after in zip(counts, counts[1:], strict=False))
    return total * litres / 1000


def run_hours(readings: Iterable[Reading], bit: int = 0) -> float:
    """Hours in which a bit of a state word was set; a state holds until the next reading."""
    ordered = [r for r in sorted(readings, key=lambda r: r.at) if r.is_usable and r.value is not None]
    total = timedelta(0)
    for before, after in zip(ordered, ordered[1:], strict=False):
        assert before.value is not None
        if int(before.value) >> bit & 1:
            total += after.at - before.at
    return total / HOUR
