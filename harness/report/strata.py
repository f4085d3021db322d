"""A cell's rate told apart: by when its tasks were made against what the model may have read, and by how much time an agent was given. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from harness.metrics.clock import BOUNDS
from harness.metrics.row import Row
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.rates import interval, mean
from harness.metrics.statistics.tally import Tally
from harness.report.summary import percent

BEFORE, AFTER, UNKNOWN = "before", "after", "unknown"
CLOCKS = (*BOUNDS, ("unlimited", float("inf")))
"""Names and seconds of wall clock under which passes are counted."""
_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_LAST_DAY = "31"


class Stratum(msgspec.Struct, frozen=True):
    """`trials` are those decided; `rate` is a mean over tasks like the cell's, None where there are none."""

    name: str
    tasks: int
    trials: int
    passed: int
    rate: float | None
    interval: Interval | None = None


def by_cutoff(rows: Sequence[Row], cutoffs: Mapping[str, str]) -> tuple[Stratum, ...]:
    """Tasks made before, after, or nobody knows when against the model's stated cutoff. () where no model of the rows states one."""
    if not any(cutoffs.get(row.model) for row in rows):
        return ()
    done = [row for row in rows if row.outcome in ("passed", "failed") and not row.outside]
    return tuple(_stratum(name, [row for row in done if side(row.task_created, cutoffs.get(row.model, "")) == name]) for name in (BEFORE, AFTER, UNKNOWN))


def side(created: str, cutoff: str) -> str:
    """A month without a day counts as its last for the cutoff and as its first for the task: what may have been read is "before"."""
    made, known = _DATE.match(created), _DATE.match(cutoff)
    if not made or not known:
        return UNKNOWN
    first = (made[1], made[2], made[3] or "01")
    return BEFORE if first <= (known[1], known[2], known[3] or _LAST_DAY) else AFTER


def by_clock(rows: Sequence[Row]) -> tuple[Stratum, ...]:
    """What passes when the whole of an agent's work, its model included, must end by then; () where no task of the rows has a clock."""
    done = [row for row in rows if row.outcome in ("passed", "failed") and not row.outside]
    if not any(row.official_s is not None for row in done):
        return ()
    told = [_stratum(name, done, _within(seconds)) for name, seconds in CLOCKS]
    return (*told, _stratum("official", done, lambda row: row.official_s is None or _within(row.official_s)(row)))


def _within(seconds: float) -> Callable[[Row], bool]:
    return lambda row: row.clock_s is not None and row.clock_s <= seconds


def _stratum(name: str, rows: Sequence[Row], counts: Callable[[Row], bool] = lambda _row: True) -> Stratum:
    tallies: dict[str, list[bool]] = {}
    for row in rows:
        tallies.setdefault(row.task, []).append(row.outcome == "passed" and counts(row))
    told = tuple(Tally(sum(each), len(each)) for each in tallies.values())
    passed = sum(each.passed for each in told)
    return Stratum(name, len(told), len(rows), passed, mean(told), interval(told))


def stratum(each: Stratum) -> str:
    """A rate with what it is made of, as people read it."""
    return "-" if each.rate is None else f"{percent(each.rate)} ({each.passed}/{each.trials})"
