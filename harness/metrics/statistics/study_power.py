"""What a study of context loss can show, before it is run: power by simulation with the shipped methods, and when it is hopeless."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics.spells import DRIFT, Spell

if TYPE_CHECKING:
    import numpy as np

SEED: Final = 20_240_617
HALF_BY: Final = 60.0
HORIZON: Final = 80.0
"""Half of the items are violated by turn 60 and watching ends at turn 80, where nothing else is known."""
FRAILTY: Final = 0.5
"""Coefficient of variation of the hazard over tasks."""
HOPELESS: Final = 0.30
"""A study that would find what it looks for in fewer than three of ten attempts is not worth its money."""
PLANS: Final = 400
"""Simulated studies: the standard error of 80 % is 2 points."""
PLANS_RETENTION: Final = 40
"""Each fits some ten thousand curves to 2,000 resamples."""
OCTAVES: Final = 1.0


class Power(msgspec.Struct, frozen=True):
    """`power`: share of simulated studies that find a true effect; `found` in words what finding it means."""

    power: float
    tasks: int
    trials: int
    found: str

    @property
    def hopeless(self) -> bool:
        return self.power < HOPELESS


def survival_power(ratio: float, tasks: int, trials: int) -> Power:
    """The chance that a study of `tasks` x `trials` per model shows that one model drifts `ratio` times as fast (hazard ratio).

    By the test of `survival.compared`: difference of RMST to turn 80, sign-flip over tasks at 5 %, in the right direction. Constant hazard within a
    task (half violated by turn 60), gamma-distributed over tasks with a coefficient of variation of 0.5, the same for both models. Raises
    ValueError for a ratio not above 0, or no trial.
    """
    if not ratio > 0 or tasks < 1 or trials < 1:
        raise ValueError(f"hazard ratio {ratio}, {tasks} tasks x {trials} trials")
    return Power(_survival(ratio, tasks, trials), tasks, trials, f"a hazard ratio of {ratio:g} is told from 1")


@lru_cache(maxsize=256)
def _survival(ratio: float, tasks: int, trials: int) -> float:
    from harness.metrics.statistics.survival import FEW_PAIRS

    if tasks < FEW_PAIRS:
        return 0.0
    import numpy as np

    random = np.random.default_rng(SEED)
    return float(np.mean([_told(random, ratio, tasks, trials) for _ in range(PLANS)]))


def _told(random: np.random.Generator, ratio: float, tasks: int, trials: int) -> bool:
    """One study: pseudo-values over all of it and their sign-flip, without the interval, which is not asked for."""
    import numpy as np

    from harness.metrics.statistics.signs import sign_flip

    frail = random.gamma(1 / FRAILTY**2, FRAILTY**2, (tasks, 1))
    # Nothing ends the watching before the horizon here, so a task's pseudo-value is the mean of its own restricted times.
    kept = [np.minimum(random.exponential(HALF_BY / np.log(2), (tasks, trials)) / (frail * hazard), HORIZON) for hazard in (1.0, ratio)]
    differences = [float(each) for each in (kept[0] - kept[1]).mean(axis=1)]
    return sign_flip(differences) < 0.05 and (sum(differences) > 0) == (ratio > 1)


def spells(random: np.random.Generator, frail: np.ndarray, trials: int, ratio: float = 1.0) -> list[Spell]:
    """What such a study records of one model: `trials` spells for each task, censored at the horizon."""
    import numpy as np

    times = random.exponential(HALF_BY / np.log(2), (len(frail), trials)) / (np.asarray(frail)[:, None] * ratio)
    return [
        Spell(f"task {place:03d}", max(1e-6, min(float(time), HORIZON)), DRIFT if time <= HORIZON else "")
        for place, row in enumerate(times) for time in row
    ]  # fmt: skip


def attribution_power(fraction: float, failing: float, tasks: int, points: int, rolls: int) -> Power:
    """The chance that AF's interval lies above 0, for a true `fraction` (0..1) of failures that only the context brings.

    `failing`: mean failure rate under FULL; `points` per task, `rolls` re-rolls of each arm. Tasks differ: their failure rates under FULL are
    beta-distributed with an intra-task correlation of 0.2. Raises ValueError for figures outside 0..1, or nothing to roll.
    """
    if not (0 <= fraction <= 1 and 0 < failing < 1) or min(tasks, points, rolls) < 1:
        raise ValueError(f"fraction {fraction}, failing {failing}, {tasks} tasks x {points} points x {rolls} re-rolls")
    return Power(_attribution(fraction, failing, tasks, (points, rolls)), tasks, points * rolls, f"an attributable fraction of {fraction:g} is told from 0")


@lru_cache(maxsize=256)
def _attribution(fraction: float, failing: float, tasks: int, each: tuple[int, int]) -> float:
    import numpy as np

    from harness.metrics.statistics import clusters

    random, found = np.random.default_rng(SEED), 0
    for _ in range(PLANS):
        chance = random.beta(4 * failing, 4 * (1 - failing), tasks)
        full, fresh = (random.binomial(each[0] * each[1], chance * part) / each[1] for part in (1.0, 1 - fraction))
        found += bool(full.sum()) and clusters.estimate(lambda w, f=full, b=fresh: (w @ (f - b)) / (w @ f), tasks).low > 0  # type: ignore[misc]
    return found / PLANS


def retention_power(probes: int, tasks: int, depths: int = 8, half: float = 48_000.0) -> Power:
    """The chance that D50 comes with an interval no wider than an octave either way, with `probes` at each of `depths` from 1k to 160k tokens.

    A logistic forgetter with its D50 at `half` and a slope of 2. Raises ValueError for fewer than two depths, or no probe.
    """
    if depths < 2 or probes < 1 or tasks < 2 or not half > 0:
        raise ValueError(f"{probes} probes at {depths} depths over {tasks} tasks")
    return Power(_retention(probes, tasks, depths, half), tasks, probes, "D50 within a factor of 2 either way")


@lru_cache(maxsize=64)
def _retention(probes: int, tasks: int, depths: int, half: float) -> float:
    import numpy as np

    from harness.metrics.statistics.retention import Probe, retention

    random, found = np.random.default_rng(SEED), 0
    distances = np.geomspace(1_000, 160_000, depths)
    for _ in range(PLANS_RETENTION):
        told = [
            Probe(f"task {place % tasks:03d}", float(distance), bool(random.random() < 0.95 / (1 + (distance / half) ** 2)))
            for distance in distances for place in range(probes)
        ]  # fmt: skip
        mark = retention(told).half
        found += bool(mark.low and mark.high and mark.high <= mark.low * 4**OCTAVES)
    return found / PLANS_RETENTION


def table() -> tuple[tuple[float, int, int, float], ...]:
    """(hazard ratio, tasks, trials, power) of the usual sizes."""
    sizes = ((10, 3), (20, 3), (40, 3), (20, 5), (40, 5))
    return tuple((ratio, *size, survival_power(ratio, *size).power) for ratio in (1.5, 2.0, 3.0) for size in sizes)
