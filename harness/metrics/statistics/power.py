"""Which difference a plan can show: power by simulation with the shipped tests, and the smallest difference found with 80 % power."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from harness.metrics.statistics.populations import Population, nights, population, rivals, trials
from harness.metrics.statistics.tally import Tally

if TYPE_CHECKING:
    pass

Question = Literal["compare", "gate"]
"""`compare`: two models, two-sided sign-flip test at 5 %. `gate`: one suite on two nights, one-sided within-task test at 2.5 %, and the drop seen is
as large as the bound."""

WANTED: Final = 0.80
SEED: Final = 20_240_617
RUNS: Final = 2_000
DRAWN: Final = 400_000
"""Simulated plans for a power: as many as come to so many tasks a side, or RUNS. The standard error of 80 % is 0.6 points with 100 tasks."""
ENDED: Final = 5
STEPWISE: Final = 25
"""One in so many of them is enough for the end of a search (0.9 points with 40 tasks and more), and for each step towards it."""
STEPS: Final = 12
QUANTILE: Final = 0.8416
"""The normal quantile of WANTED."""
CLOSE: Final = 0.05
FINE: Final = 0.002
"""A power so close (in normal quantiles), or two differences so near, and the search ends: less than its noise."""
NEAR = 1e-9


class Design(msgspec.Struct, frozen=True):
    """A plan and what is asked of it. `bound`: the drop in 0..1 that a gate must see."""

    tasks: int
    attempts: int
    question: Question
    bound: float
    tasks_like: Population

    def found(self, difference: float, runs: int) -> float:
        """The share of seeded simulations in which a true difference is found, and with the right sign."""
        import numpy as np

        random = np.random.default_rng(SEED)
        draw = rivals if self.question == "compare" else nights
        high, low = (trials(chances, self.attempts, random) for chances in draw(self.tasks_like, difference, (runs, self.tasks), random))
        fell = (high - low).sum(axis=1) / (self.tasks * self.attempts)
        from harness.metrics.statistics.batches import drops, signs

        if self.question == "compare":
            return float(((signs(high - low) < 0.05) & (fell > 0)).mean())
        return float(((drops(high, low, self.attempts) <= 0.025) & (fell >= self.bound - NEAR)).mean())

    @property
    def guess(self) -> float:
        """Where the search begins: (z_97.5 + z_80) standard errors, Student-like for few tasks; for a gate also z_80 beyond its bound."""
        of, tasks = self.tasks_like, self.tasks
        noise = 2 * of.within / self.attempts
        if self.question == "gate":
            return max(2.8 * sqrt(noise / tasks), self.bound + 0.84 * sqrt(noise / tasks))
        between = 2 * of.opened * of.mean * (1 - of.mean) * of.icc
        return (1.96 * sqrt(tasks / max(1.0, tasks - 3.84)) + 0.84) * sqrt((between + noise) / tasks)

    @property
    def least(self) -> float:
        """No smaller difference is found in 80 of 100 plans: a gate finds a true drop of its bound in half of them, however many trials there are."""
        return self.bound if self.question == "gate" else 0.0

    def runs(self, part: int = 1) -> int:
        """Simulated plans, or one in `part` of them."""
        return max(RUNS if part < STEPWISE else RUNS // ENDED, DRAWN // self.tasks // part)

    def slope(self, difference: float) -> float:
        """How fast the normal quantile of the power grows with the difference, near WANTED."""
        beyond = difference - self.bound if self.question == "gate" else 0.0
        return max(2.8 / max(NEAR, difference), QUANTILE / beyond if beyond > 0.001 else 0.0)


class End(msgspec.Struct, frozen=True):
    """One end of a search; without a power it was never tried."""

    difference: float
    power: float | None = None

    @property
    def quantile(self) -> float:
        from scipy.special import ndtri  # type: ignore[import-untyped]

        return float(ndtri(min(0.999, max(0.001, self.power or 0.0))))


def power(
    difference: float, tasks: int, attempts: int, *, seen: Sequence[Tally] = (), question: Question = "compare", max_drop: float = 0.10
) -> float:
    """The chance, 0..1, that a plan of `tasks` x `attempts` trials a side finds a true `difference` of mean pass rates (0..1).

    2,000 seeded simulations or more with the shipped tests, each by its exact p (`batches`). `seen`: past tallies whose shape the tasks have
    (`populations.population`); without any, a quarter of the tasks is trivial, a quarter impossible, and the others pass with chances spread
    evenly about one half (ICC .35). `compare`: tasks drawn anew each time, so the answer is about tasks like these. `gate`: the chance that the
    test shows a drop and the drop seen is at least `max_drop`; a true drop of `max_drop` itself is therefore found half of the time, whatever
    the number of trials. Assumes independent attempts; fixed seeds that make nights alike leave less to chance, which makes a power above one
    half higher. Raises ValueError for a plan without trials or a difference outside of 0..1.
    """
    if not 0 <= difference <= 1:
        raise ValueError(f"difference {difference}: expected 0 to 1")
    design = _design(tasks, attempts, seen, question, max_drop)
    return design.found(difference, design.runs())


def detectable(tasks: int, attempts: int, *, seen: Sequence[Tally] = (), question: Question = "compare", max_drop: float = 0.10) -> float:
    """The smallest true difference of mean pass rates, 0..1, that `power` finds in 80 of 100 plans; 1.0 where none is found as often.

    By the simulations of `power`: it finds what is returned here in 78 to 82 of 100 plans (docs/statistics.md).
    Raises ValueError for a plan without trials.
    """
    design = _design(tasks, attempts, seen, question, max_drop)
    value = _searched(design, design.runs(STEPWISE))
    if value is None:
        return 1.0
    short = QUANTILE - End(value, design.found(value, design.runs(ENDED))).quantile
    return min(1.0, max(design.least, value + short / design.slope(value)))


def _design(tasks: int, attempts: int, seen: Sequence[Tally], question: Question, bound: float) -> Design:
    if tasks < 1 or attempts < 1:
        raise ValueError(f"{tasks} tasks x {attempts} attempts: no trials")
    return Design(tasks, attempts, question, bound, population(seen))


def _searched(design: Design, runs: int) -> float | None:
    """Between a difference too small and one large enough, by the line through both on the scale of normal quantiles, where power is nearly straight."""
    low, high = End(0.0), End(1.0)
    value = min(0.99, design.guess)
    for _ in range(STEPS):
        tried = End(value, design.found(value, runs))
        low, high = (tried, high) if tried.quantile < QUANTILE else (low, tried)
        if abs(tried.quantile - QUANTILE) < CLOSE or high.difference - low.difference < FINE:
            return value
        value = _between(low, high)
    return value if high.power is not None else None


def _between(low: End, high: End) -> float:
    """The next difference to try: a step towards an end that was never tried, else where the line says, a little away from either end."""
    if low.power is None:
        return 0.8 * high.difference
    if high.power is None:
        return min(1.2 * low.difference + 0.01, (low.difference + 1) / 2)
    share = (QUANTILE - low.quantile) / max(NEAR, high.quantile - low.quantile)
    return low.difference + min(0.9, max(0.1, share)) * (high.difference - low.difference)
