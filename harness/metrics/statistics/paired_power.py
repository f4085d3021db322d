"""What a paired comparison of shares kept can show before it is run: power by simulation with the test that decides it."""

from __future__ import annotations

import bisect
from functools import lru_cache
from typing import Final

from harness.metrics.statistics.study_power import Power

SEED: Final = 20_240_617
PLANS: Final = 200
"""Simulated studies: the standard error of 80 % is 3 points."""
KEPT: Final = 0.85
"""Mean share kept on the better side, where nothing else is known."""
SPREAD: Final = 0.15
"""Standard deviation of a task's own share about it."""
STEPS: Final = (10, 14, 20, 28, 40, 56, 80, 112, 160, 200)


def difference_power(true: float, threshold: float, tasks: int, chances: int) -> Power:
    """The chance that a study finds a mean difference of `true` to lie beyond `threshold`: two-sided sign-flip over tasks, shifted, at 5 %.

    `chances`: opportunities per task on each side, attempts together. Tasks differ in their share kept (beta, mean 0.85, standard deviation
    0.15), and so in their difference where that share bounds it. Raises ValueError for shares outside -1..1, or nothing to count.
    """
    if not (-1 <= true <= 1 and -1 < threshold < 1) or true == threshold or tasks < 1 or chances < 1:
        raise ValueError(f"a difference of {true} beyond {threshold} with {tasks} tasks x {chances} opportunities")
    found = f"a difference of {100 * true:+.0f} points is told from {100 * threshold:+.0f}"
    return Power(_power(true, threshold, tasks, chances), tasks, chances, found)


@lru_cache(maxsize=256)
def _power(true: float, threshold: float, tasks: int, chances: int) -> float:
    import numpy as np

    from harness.metrics.statistics.signs import sign_flip

    random, found = np.random.default_rng(SEED), 0
    scale = KEPT * (1 - KEPT) / SPREAD**2 - 1
    # A gain can't be seen on a side that keeps all: the mean moves down by as much.
    middle = KEPT - max(0.0, true)
    for _ in range(PLANS):
        base = random.beta(scale * middle, scale * (1 - middle), tasks)
        one, two = (random.binomial(chances, np.clip(base + shift, 0, 1)) / chances for shift in (true, 0.0))
        told = [float(each) for each in one - two]
        found += (sum(told) / tasks - threshold) * (true - threshold) > 0 and sign_flip(told, shift=threshold) < 0.05
    return found / PLANS


def wanted(true: float, threshold: float, chances: int, power: float) -> int | None:
    """By halving, for more tasks find more: the fewest of some usual numbers of tasks that reach this power; None where 200 do not."""
    place = bisect.bisect_left(STEPS, power, key=lambda tasks: difference_power(true, threshold, tasks, chances).power)
    return STEPS[place] if place < len(STEPS) else None
