"""The day of a fleet on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sluice.analysis.gaps import completeness
from sluice.analysis.rollup import DAY, rollup
from sluice.analysis.statistics import spikes, trend
from sluice.model.alarms import Alarm
from sluice.model.fleet import Fleet
from sluice.model.readings import Reading
from sluice.reports.tables import as_text
from sluice.times import day_bounds, format_time
from sluice.units import format_quantity


def daily_report(fleet: Fleet, day: date, readings: Sequence[Reading], alarms: Sequence[Alarm], span: timedelta) -> str:
    """Extremes, means, completeness and alarms of a day; ``span`` is how often stations are polled."""
    start, end = day_bounds(day)
    today = [r for r in readings if start <= r.at < end]
    rows = {(row.station, row.point): row.summary for row in rollup(today, DAY)}
    lines = []
    for station in fleet:
        for point in station.points:
            mine = [r for r in today if (r.station, r.point) == (station.name, point.name)]
            figures = rows.get((station.name, point.name))
            share = f"{completeness(mine, start, end, span):.0%}"
            values = (None, None, None) if figures is None else (figures.low, figures.mean, figures.high)
            shown = [format_quantity(value, point.unit) for value in values]
            lines.append([station.name, point.name, *shown, share, len(spikes(mine))])
    table = as_text(["station", "point", "low", "mean", "high", "complete", "spikes"], lines, frozenset({2, 3, 4, 5, 6}))
    text = f"Report of {day.isoformat()}\n\n{table}"
    touched = [alarm for alarm in alarms if alarm.began < end and (alarm.ended is None or alarm.ended >= start)]
    if touched:
        text += "\nAlarms\n" + "".join(f"- {alarm.text()}\n" for alarm in touched)
    return text


def tendencies(fleet: Fleet, readings: Sequence[Reading]) -> list[tuple[str, str, str]]:
    """(station, point, word) for points that move: how fast, per hour."""
    found = []
    for station in fleet:
        for point in station.points:
            mine = [r for r in readings if (r.station, r.point) == (station.name, point.name)]
            slope = trend(mine)
            if slope is not None and abs(slope) > 1e-6:
                verb = "rises" if slope > 0 else "falls"
                found.append((station.name, point.name, f"{verb} {format_quantity(abs(slope), point.unit)}/h"))
    return found


def silence_report(fleet: Fleet, readings: Sequence[Reading]) -> str:
    """Stations by when they were last heard of, the longest silent first."""
    last = {station.name: "" for station in fleet}
    for reading in readings:
        if reading.is_usable and reading.station in last:
            last[reading.station] = max(last[reading.station], format_time(reading.at))
    rows = sorted(((when or "never", name) for name, when in last.items()), key=lambda row: (row[0] != "never", row))
    return as_text(["last heard", "station"], rows)
