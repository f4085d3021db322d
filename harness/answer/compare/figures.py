"""What one side of a comparison came to, and one task as two sides met it."""

from __future__ import annotations

import msgspec

from harness.answer.side import Who
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.passk import AtK
from harness.metrics.statistics.tally import Tally
from harness.report.summary import Counts


class Figures(msgspec.Struct, frozen=True):
    """One side on the common tasks; None where nothing was told, never 0 for an unknown price.

    `rate`: mean over the paired tasks (decided on both sides), so that two rates differ by the comparison's estimate; `interval`: its own 95 %.
    `best`, `worst`: the rate, had all broken, disputed and suspicious trials passed, or all failed. `broken`: share of those that ended, 0..1.
    These two and all that was spent are over the tasks that ended on both sides: a night cut short must not set the hard tasks of one beside the easy ones of the other.
    `at_k`: pass@k and pass^k for k = 1 and the k asked for. `turns`, `tokens`, `seconds`: means over decided trials, as in a report's cell.
    `cost_usd`: sum over decided trials; `cost_per_trial`: its mean over the priced ones. `*_per_pass`: all that was spent over passed trials.
    `window`: tokens granted; `asked`: the plan's own windows in words, () where it asked for none.
    `called`: what the user calls each of `runs`, () where that is not known.
    `dominated`: "cost" or "time" where the other side of this comparison beats it (`dominance.dominated`).
    """

    who: Who
    runs: tuple[str, ...]
    counts: Counts
    tasks: int
    rate: float | None
    interval: Interval | None
    best: float | None
    worst: float | None
    broken: float
    at_k: tuple[AtK, ...]
    turns: float | None
    tokens: float | None
    seconds: float | None
    cost_usd: float | None
    cost_per_trial: float | None
    cost_per_pass: float | None
    seconds_per_pass: float | None
    tokens_per_pass: float | None
    window: tuple[int, ...]
    asked: tuple[str, ...]
    thinking: str
    dominated: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


class TrialMark(msgspec.Struct, frozen=True):
    """One trial, as `longhaul show RUN TRIAL` finds it."""

    run: str
    trial: str
    outcome: str
    reason: str


class TaskPair(msgspec.Struct, frozen=True):
    """One task on both sides; `a` and `b` are its decided trials, `*_trials` all of them in plan order."""

    task: str
    a: Tally
    b: Tally
    a_trials: tuple[TrialMark, ...]
    b_trials: tuple[TrialMark, ...]

    @property
    def difference(self) -> float:
        """A's share minus B's, -1..1."""
        return self.a.share - self.b.share
