"""The weekly digest: a table of days and a footer about the week."""

from collections.abc import Sequence

from stationlog.present import MISSING, as_text
from stationlog.quantity import Quantity
from stationlog.series import highest, lowest, mean
from stationlog.summary import DaySummary
from stationlog.units import System

_HEAD = ("day", "low", "high", "mean", "spread", "departure")


def weekly_digest(station: str, days: Sequence[DaySummary], *, system: System = "metric") -> str:
    """The digest as plain text; one line for each day, then the footer."""
    if not days:
        return f"{station}: no observations\n"
    rows = [_HEAD, *(_row(day, system) for day in days)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    table = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([station, *table, *_footer(days, system)]) + "\n"


def _row(day: DaySummary, system: System) -> tuple[str, ...]:
    return (
        day.day.isoformat(),
        as_text(day.low, system),
        as_text(day.high, system),
        as_text(day.mean, system),
        as_text(day.spread, system),
        as_text(day.departure, system, signed=True),
    )


def _footer(days: Sequence[DaySummary], system: System) -> list[str]:
    return [
        f"range of the week: {as_text(lowest([day.low for day in days]), system)}"
        f" to {as_text(highest([day.high for day in days]), system)}",
        f"average spread: {as_text(mean([day.spread for day in days]), system)}",
        f"average deviation: {as_text(mean([day.deviation for day in days]), system)}",
        f"steepest change: {_steepest(days, system)}",
    ]


def _steepest(days: Sequence[DaySummary], system: System) -> str:
    found: list[Quantity] = [day.steepest for day in days if day.steepest is not None]
    if not found:
        return MISSING
    return f"{as_text(max(found, key=lambda rate: abs(rate.in_base().value)), system, signed=True)} per hour"
