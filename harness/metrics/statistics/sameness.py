"""How many tasks it takes to show two alike models to be equal: by simulation with the shipped equivalence test."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import ceil
from typing import Final

from harness.metrics.statistics.equivalence import equivalent
from harness.metrics.statistics.populations import Population, population, rivals, trials
from harness.metrics.statistics.tally import Tally

SEED: Final = 20_240_617
DRAWN: Final = 160_000
"""Simulated plans: as many as come to so many tasks a side, from LEAST to MOST. With 400 the standard error of 80 % is 2 points, of the tasks 3 %."""
LEAST, MOST = 100, 400
STEPS: Final = 6
MANY: Final = 10_000
"""Tasks beyond which nobody goes."""
WANTED: Final = 0.80
CERTAIN: Final = 1.645
"""The normal quantile of each of the two tests."""
NEEDED: Final = 1.2816
"""The normal quantile of 90 %: with sides truly equal either test fails as often, and both hold in 80 of 100 plans."""
CLOSE: Final = 0.03


def identical(margin: float) -> int:
    """The fewest tasks that show equality within `margin` (0..1) where not one of them differs; no smaller plan can, whatever comes out."""
    return 1 + bisect_left(range(1, MANY), True, key=lambda tasks: equivalent([0.0] * tasks, margin).holds)


def chance(tasks: int, attempts: int, margin: float, *, seen: Sequence[Tally] = ()) -> float:
    """The chance, 0..1, that `tasks` x `attempts` trials a side show two models of one true rate to be equal within `margin`.

    Seeded simulations with `equivalence.equivalent`. The tasks are those of `power.power` (`populations`): shaped like the tallies `seen`, and
    what one model solves of the open ones says nothing of the other, the hard case. Two models that solve the same tasks need fewer, down to
    `identical`. Raises ValueError for a plan without trials or a margin that is no rate.
    """
    if tasks < 1 or attempts < 1:
        raise ValueError(f"{tasks} tasks x {attempts} attempts: no trials")
    return _chance(population(seen), tasks, attempts, margin) if equivalent([0.0] * tasks, margin).holds else 0.0


def _chance(like: Population, tasks: int, attempts: int, margin: float) -> float:
    import numpy as np

    random = np.random.default_rng(SEED)
    runs = min(MOST, max(LEAST, DRAWN // tasks))
    a, b = (trials(chances, attempts, random) for chances in rivals(like, 0.0, (runs, tasks), random))
    return sum(equivalent([step / attempts for step in plan], margin).holds for plan in (a - b).tolist()) / runs


def wanted(attempts: int, margin: float, *, seen: Sequence[Tally] = ()) -> int | None:
    """About how many tasks show it with a chance of 80 %; None beyond 10,000.

    From the normal guess, each step along its own curve: quantile((1 + chance) / 2) + 1.645 grows with the square root of the tasks.
    Raises ValueError as `chance` does.
    """
    from scipy.special import ndtri  # type: ignore[import-untyped]

    like, least = population(seen), identical(margin)
    spread = 2 * like.opened * like.mean * (1 - like.mean) * like.icc + 2 * like.within / attempts
    tasks = max(least, ceil(spread * ((CERTAIN + NEEDED) / margin) ** 2))
    for _ in range(STEPS):
        if tasks > MANY:
            return None
        found = chance(tasks, attempts, margin, seen=seen)
        if abs(found - WANTED) <= CLOSE or (tasks == least and found > WANTED):
            return tasks
        grown = (CERTAIN + NEEDED) / (CERTAIN + float(ndtri((1 + min(0.995, found)) / 2)))
        tasks = max(least, ceil(tasks * grown**2), tasks + 1 if found < WANTED else 0)
    return tasks if tasks <= MANY else None
