"""The continuity ratio: what of the milestones that a fresh session reaches one long session reaches, too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.intervals import wilson_effective

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

Mode: TypeAlias = Literal["continuous", "own", "oracle"]
VARIED: Final = 5
"""Tasks whose two rates differ; with fewer no resample knows how far they may, and the bounds of both rates are combined."""


class Leg(msgspec.Struct, frozen=True):
    """One milestone of one task worked on in one mode: `passed` of `tried`. `own`: fresh session on the agent's own earlier work; `oracle`: on
    the reference's.
    """

    task: str
    milestone: str
    mode: Mode
    passed: int
    tried: int


class Ratio(msgspec.Struct, frozen=True):
    """`ratio`: rate in mode `over` / rate in mode `under` (0 and up), None where the second is 0; `high` of infinity: not bounded."""

    over: Mode
    under: Mode
    ratio: Estimate | None
    rates: tuple[float, float]
    milestones: int
    tasks: int


def continuity(legs: Sequence[Leg], over: Mode = "continuous", under: Mode = "own") -> Ratio:
    """Ratio of mean milestone rates over the milestones tried in both modes; each milestone weighs the same, tasks are the clusters.

    continuous / own: the context's part; own / oracle: errors carried on; continuous / oracle mixes both. A ratio of means, not a mean of
    ratios, which a milestone that a fresh session never reaches would make infinite. Interval: BCa bootstrap of the ratio over tasks, paired
    as they are (BCa does not care whether a ratio or its logarithm is resampled). Where fewer than 5 tasks differ between modes, the two
    rates' Wilson bounds are combined (MOVER-R, Donner and Zou 2012, Statistical Methods in Medical Research 21:347-359, no correlation
    assumed), which also serves 0 and 1. Raises ValueError for no milestone tried in both.
    """
    import numpy as np

    found = _paired(legs, over, under)
    tasks = clusters.numbered(task for task, _ in found)
    sums = np.zeros((3, len(tasks)))
    for (task, _), (one, two) in sorted(found.items()):
        sums[:, tasks[task]] += (one[0] / one[1], two[0] / two[1], 1.0)
    rates = float(sums[0].sum() / len(found)), float(sums[1].sum() / len(found))
    ratio = None if not rates[1] else _estimate(sums, rates, [each for pair in found.values() for each in pair])
    return Ratio(over, under, ratio, rates, len(found), len(tasks))


def _estimate(sums: Floats, rates: tuple[float, float], tried: Sequence[tuple[int, int]]) -> Estimate:
    import numpy as np

    tasks = sums.shape[1]
    if np.count_nonzero(np.abs(sums[0] - sums[1]) > 1e-9) >= VARIED and rates[0]:
        return clusters.estimate(lambda weights: _over(weights @ sums[0], weights @ sums[1]), tasks)
    trials = sum(count for _, count in tried) / 2
    limits = [wilson_effective((part / sums[2]).tolist(), max(trials, tasks)) for part in sums[:2]]
    low, high = _mover(rates, (limits[0].low, limits[0].high), (limits[1].low, limits[1].high))
    return Estimate(rates[0] / rates[1], low, high, tasks, "MOVER-R of Wilson bounds")


def _mover(rates: tuple[float, float], one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    """Bounds of rates[0] / rates[1] from bounds of each."""
    import math

    a, b = rates

    def bound(end: float, other: float, sign: float) -> float:
        under = other * (2 * b - other)
        inside = max(0.0, (a * b) ** 2 - end * other * (2 * a - end) * (2 * b - other))
        return (a * b + sign * math.sqrt(inside)) / under if under > 0 else math.inf if sign > 0 else 0.0

    return max(0.0, bound(one[0], two[1], -1.0)), bound(one[1], two[0], 1.0) if two[0] > 0 else math.inf


def _paired(legs: Sequence[Leg], over: Mode, under: Mode) -> dict[tuple[str, str], tuple[tuple[int, int], tuple[int, int]]]:
    """(task, milestone) -> (passed, tried) in both modes."""
    held: dict[tuple[str, str, str], tuple[int, int]] = {}
    for leg in legs:
        passed, tried = held.get((leg.task, leg.milestone, leg.mode), (0, 0))
        if not 0 <= leg.passed <= leg.tried:
            raise ValueError(f"{leg.milestone}: {leg.passed} passed of {leg.tried}")
        held[leg.task, leg.milestone, leg.mode] = (passed + leg.passed, tried + leg.tried)
    names = {(task, milestone) for task, milestone, _ in held}
    pairs = {name: (held.get((*name, over), (0, 0)), held.get((*name, under), (0, 0))) for name in names}
    both = {name: pair for name, pair in pairs.items() if pair[0][1] and pair[1][1]}
    if not both:
        raise ValueError(f"no milestone was tried both {over} and {under}")
    return both


def _over(one: Floats, two: Floats) -> Floats:
    import numpy as np

    found: Floats = np.divide(one, two, out=np.full(len(one), np.inf), where=two > 0)
    return found
