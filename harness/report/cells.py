"""One model under one agent and variant: its rate with everything that belongs beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from harness.core.agent import Stop
from harness.metrics.row import Row
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.passk import AtK, at_k
from harness.metrics.statistics.rates import mean
from harness.metrics.statistics.tally import Tally
from harness.report import splits
from harness.report.splits import ByOutcome, CostSplit, Speed, TimeSplit
from harness.report.strata import Stratum, by_clock, by_cutoff
from harness.report.summary import Counts, broken_share, counts

BROKEN_BOUND = 0.05
"""Above this share of broken trials among those of a cell that ended no verdict is given."""
DOUBTFUL = ("disputed", "suspicious")


class Cell(msgspec.Struct, frozen=True):
    """Rates are means over tasks of each task's share of passed among decided (passed or failed) trials; None where there are none.

    `interval`: 95 %, clustered by task. `best` counts broken, disputed and suspicious trials as passed, `worst` as failed.
    `judged` is False above 5 % broken. `tasks`: tasks with a decided trial. `turns`, `tokens`, `seconds`: means over decided trials;
    `cost_usd`: their sum; spreads, splits and stops are over all that began.
    """

    model: str
    agent: str
    variant: str
    counts: Counts
    tasks: int
    rate: float | None
    interval: Interval | None
    best: float | None
    worst: float | None
    judged: bool
    at_k: tuple[AtK, ...]
    turns: float | None
    tokens: float | None
    cost_usd: float | None
    seconds: float | None
    thinking: str
    """The level the model thought at; several, where trials differ."""
    by_outcome: tuple[ByOutcome, ...]
    time: TimeSplit
    cost: CostSplit | None
    speed: Speed
    stops: tuple[tuple[str, int], ...]
    """Trials by why their conversation ended: every named stop, then "none" for those without an end on record."""
    by_cutoff: tuple[Stratum, ...] = ()
    """Before, after and unknown against the model's stated cutoff; () where none is stated, or no rate is given."""
    by_clock: tuple[Stratum, ...] = ()
    """Passes within 15 min, 1 h, any time, and the task's own clock; () where no task has one, or no rate is given."""


def cells(rows: Sequence[Row], *, curve: bool = True, cutoffs: Mapping[str, str] = MappingProxyType({})) -> tuple[Cell, ...]:
    """By model, agent and variant, in the order of their names. `curve`: pass@k and pass^k for every k, else for k = 1 alone.

    `cutoffs`: a model's stated cutoff, "YYYY-MM" or a day.
    """
    return tuple(
        _cell(who, tuple(row for row in rows if _who(row) == who), curve=curve, cutoffs=cutoffs) for who in sorted(set(map(_who, rows)))
    )


def _who(row: Row) -> tuple[str, str, str]:
    return (row.model, row.agent, row.variant)


def _cell(who: tuple[str, str, str], rows: tuple[Row, ...], *, curve: bool, cutoffs: Mapping[str, str]) -> Cell:
    told = counts(rows)
    tallies = tallied(rows)
    ks = at_k(tallies, max(row.attempt for row in rows) if curve else 1)
    judged = broken_share(told) <= BROKEN_BOUND
    done = [row for row in rows if row.outcome in ("passed", "failed")]
    costs = [row.cost_usd for row in done if row.cost_usd is not None]
    return Cell(
        *who, told, len(tallies), ks[0].pass_at_k, ks[0].pass_at_k_interval, _bound(rows, passed=True), _bound(rows, passed=False),
        judged, ks,
        _mean([row.turns for row in done]), _mean([splits.tokens(row) for row in done]), sum(costs) if costs else None,
        _mean([splits.seconds(row) for row in done]), ", ".join(sorted({row.thinking for row in rows if row.thinking})),
        splits.by_outcome(rows), splits.time_split(rows), splits.cost_split(rows), splits.speed(rows), stops(rows),
        *((by_cutoff(rows, cutoffs), by_clock(rows)) if judged else ((), ())),
    )  # fmt: skip


def tallied(rows: Sequence[Row]) -> tuple[Tally, ...]:
    """One tally for each task with a decided trial, in the order of the plan; a task whose request is a draft has no say in a rate."""
    done = [row for row in rows if row.outcome in ("passed", "failed") and not row.outside]
    return _tallies([(row.task, row.outcome == "passed") for row in done])


def _bound(rows: Sequence[Row], *, passed: bool) -> float | None:
    """The rate, had all doubtful trials ended one way."""
    told = [row for row in rows if row.outcome in ("passed", "failed", "broken") and not row.outside]
    return mean(_tallies([(row.task, passed if _doubtful(row) else row.outcome == "passed") for row in told]))


def _doubtful(row: Row) -> bool:
    return row.outcome == "broken" or row.reason in DOUBTFUL


def _tallies(ends: list[tuple[str, bool]]) -> tuple[Tally, ...]:
    found: dict[str, list[bool]] = {}
    for task, passed in ends:
        found.setdefault(task, []).append(passed)
    return tuple(Tally(sum(each), len(each)) for each in found.values())


def _mean(figures: list[int] | list[float]) -> float | None:
    return sum(figures) / len(figures) if figures else None


def stops(rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """Every named stop with its count, zeros too; the counts add up to the trials."""
    ended = [row.stop or "none" for row in rows]
    return tuple((name, ended.count(name)) for name in (*(stop.value for stop in Stop), "none"))
