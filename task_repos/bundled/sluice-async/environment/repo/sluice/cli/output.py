"""Writing to the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from sluice.model.fleet import Fleet
from sluice.model.readings import Reading
from sluice.reports.tables import as_text
from sluice.times import format_time
from sluice.units import format_quantity


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def show_readings(fleet: Fleet, readings: Iterable[Reading]) -> None:
    rows = []
    for reading in readings:
        _, point = fleet.point(reading.station, reading.point)
        rows.append([reading.station, reading.point, format_quantity(reading.value, point.unit), reading.quality.value, format_time(reading.at)])
    show(as_text(["station", "point", "value", "quality", "at"], rows, frozenset({2})))
