"""A population of tasks to plan with: how many always pass, never pass, or hang on luck, as past tallies show or a stated default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics.tally import Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

OPEN: Final = 0.5
"""Share of tasks that are neither trivial nor impossible, where nothing is known: half of a benchmark decides nothing between two models."""
ICC: Final = 0.35
"""Share of the variance of those that lies between tasks: the median of tau-bench Retail's submissions (.20 to .77 over them)."""
WITHIN: Final = OPEN * 0.25 * (1 - ICC)
PRIOR: Final = 10
"""The default weighs as much as so many tasks: three past tasks that all passed are no proof that nothing is left to chance."""
QUANTILES: Final = 2_048
LOOPED: Final = 64
"""Attempts that get a number each."""


class Population(msgspec.Struct, frozen=True):
    """Shares of tasks that every attempt solves (`trivial`) and none (`impossible`); the others pass with chances from a beta distribution.

    `mean`: of those chances. `icc`: the share of the variance of their trials that lies between tasks, 0..1: at 0 all have the same chance, at 1
    each always or never passes, and another model decides anew which.
    """

    trivial: float = OPEN / 2
    impossible: float = OPEN / 2
    mean: float = 0.5
    icc: float = ICC

    @property
    def opened(self) -> float:
        """The share of the others."""
        return 1 - self.trivial - self.impossible

    @property
    def within(self) -> float:
        """Mean variance of one trial about its task's chance."""
        return self.opened * self.mean * (1 - self.mean) * (1 - self.icc)


def population(seen: Sequence[Tally] = ()) -> Population:
    """The population that past tallies look like, shrunk to the default by the weight of ten tasks.

    By moments: the mean of the shares, and passed x failed / (n (n - 1)) of tasks with n >= 2 trials, which is without bias the variance within a
    task. Counting the tasks that passed always or never would not do: of three attempts at an even chance, one in four looks like that.
    Little variance within is read as tasks that are settled for one model and not for the next, never as more tasks that are settled for all:
    of another model past tallies say nothing.
    """
    repeated = [tally for tally in seen if tally.decided > 1]
    noise = sum(tally.passed * (tally.decided - tally.passed) / (tally.decided * (tally.decided - 1)) for tally in repeated)
    within = (noise + PRIOR * WITHIN) / (len(repeated) + PRIOR)
    rate = (sum(tally.share for tally in seen) + PRIOR * 0.5) / (len(seen) + PRIOR)
    opened = min(1.0, max(OPEN, OPEN * within / WITHIN))
    trivial = min(1 - opened, max(0.0, rate - opened / 2))
    mean = min(0.95, max(0.05, (rate - trivial) / opened))
    icc = 1 - within / (opened * mean * (1 - mean))
    return Population(trivial, max(0.0, 1 - opened - trivial), mean, min(0.98, max(0.02, icc)))


def rivals(of: Population, difference: float, shape: tuple[int, int], random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chances of the better and of the worse model, simulations x tasks, whose means lie `difference` apart.

    On the open tasks each has its own chances, drawn apart: what one solves says nothing of the other. As much of the difference lies there as
    fits; the rest in settled tasks that the better always solves and the worse never.
    """
    import numpy as np

    room = min(of.mean, 1 - of.mean) - 0.02
    half = min(difference / of.opened / 2, room)
    rest = min(1.0, max(0.0, difference - 2 * half * of.opened) / max(1e-9, 1 - of.opened))
    kind, turned = random.random(shape), random.random(shape) < rest
    settled = (kind < of.trivial) | turned
    better = np.where(kind < 1 - of.opened, settled, _beta(of.mean + half, of.icc, shape, random))
    worse = np.where(kind < 1 - of.opened, (kind < of.trivial) & ~turned, _beta(of.mean - half, of.icc, shape, random))
    return better, worse


def nights(of: Population, drop: float, shape: tuple[int, int], random: np.random.Generator) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chances on a first and on a second night, simulations x tasks, when the suite's own mean fell by `drop`.

    Every task loses the same part of its chance: of all ways to lose as much this leaves the most to luck, so power is promised for the hard
    case. A drop in few tasks is seen sooner.
    """
    import numpy as np

    kind = random.random(shape)
    first = np.where(kind < 1 - of.opened, kind < of.trivial, _beta(of.mean, of.icc, shape, random))
    mean = np.maximum(first.mean(axis=1, keepdims=True), 1e-9)
    return first, first * np.clip(1 - drop / mean, 0.0, 1.0)


def trials(chances: NDArray[np.float64], attempts: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Passes of so many attempts at each chance. Each trial has its own uniform number, so that plans differ by what is asked and not by luck.

    Beyond LOOPED attempts the count is drawn at once: thousands of numbers for each task would take half a minute.
    """
    import numpy as np

    if attempts > LOOPED:
        return random.binomial(attempts, chances)
    passes = np.zeros(chances.shape, dtype=np.int64)
    for _ in range(attempts):
        passes += random.random(chances.shape, dtype=np.float32) < chances
    return passes


def _beta(mean: float, icc: float, shape: tuple[int, int], random: np.random.Generator) -> NDArray[np.float64]:
    """By the quantile function, one uniform number for each: a sampler that rejects would take other numbers for another mean."""
    import numpy as np
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    size = 1 / icc - 1
    grid = (np.arange(QUANTILES) + 0.5) / QUANTILES
    found: NDArray[np.float64] = np.interp(random.random(shape), grid, betaincinv(mean * size, (1 - mean) * size, grid))
    return found
