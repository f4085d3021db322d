"""Weibull and exponential fits of a survival: whether the hazard rises, falls or stays, which is never assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.spells import DRIFT, Spell, lawful

if TYPE_CHECKING:
    import numpy as np

    from harness.metrics.statistics.clusters import Floats

LEAST, MOST = 0.02, 50.0
GRID: Final = 1_025
"""Shapes at which the score is read: a straight line between two of them is right to five digits."""
FEW: Final = 5
"""Fewer drifts fit no shape."""


class Weibull(msgspec.Struct, frozen=True):
    """S(t) = exp(-(t / scale)^shape). `constant`: mean time to drift were the hazard constant (exponential).

    `gain`: log-likelihood of Weibull less that of the exponential, taken as if spells were independent. `shape` < 1: the hazard falls.
    """

    shape: Estimate
    scale: float
    constant: float
    gain: float
    drifts: int


def weibull(spells: Sequence[Spell], cause: str = DRIFT) -> Weibull | None:
    """Maximum likelihood with censoring; the shape's interval is over tasks (BCa). None for fewer than 5 drifts or drifts all at one time.

    A shape below 1 says that those who kept an item so far are less likely to lose it next. It does not say why: tasks that differ in
    difficulty, each with a constant hazard, give a falling hazard together, because the hard ones leave first (Vaupel and Yashin 1985, The
    American Statistician 39:176-185). Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time Data, section 3.4.
    Raises ValueError for no spell, or a time that is not positive.
    """
    import numpy as np

    lawful(spells)
    tasks = clusters.numbered(spell.task for spell in spells)
    times = np.array([spell.time for spell in spells], dtype=float)
    times, unit = times / times.max(), float(times.max())
    ended = np.array([spell.cause == cause for spell in spells])
    if ended.sum() < FEW or len(set(times[ended])) < 2:
        return None
    owner = np.array([tasks[spell.task] for spell in spells])
    shape = clusters.estimate(lambda weights: shapes(weights, owner, times, ended), len(tasks))
    scale = float((np.sum(times**shape.value) / ended.sum()) ** (1 / shape.value))
    constant = float(times.sum() / ended.sum())
    gain = _likelihood(times, ended, shape.value, scale) - _likelihood(times, ended, 1.0, constant)
    return Weibull(shape, scale * unit, constant * unit, gain, int(ended.sum()))


def shapes(weights: Floats, owner: np.ndarray, times: Floats, ended: np.ndarray) -> Floats:
    """Weights of tasks (rows x tasks), whose each spell is, its time (at most 1) and whether it drifted -> each row's shape, NaN without a drift.

    The root of the profile score in the shape, which falls throughout: between two shapes of a grid, and there by a straight line. Sums are kept
    by task and shape, so that memory grows neither with spells nor with rows times spells.
    """
    import numpy as np

    tasks, logs = weights.shape[1], np.log(times)
    grid = np.linspace(np.log(LEAST), np.log(MOST), GRID)
    drifts = weights @ np.bincount(owner, ended, tasks)
    told = np.divide(weights @ np.bincount(owner, ended * logs, tasks), drifts, out=np.full(len(weights), np.nan), where=drifts > 0)
    scores = np.empty((len(weights), GRID))
    for place, shape in enumerate(np.exp(grid)):
        powers = times**shape
        under = weights @ np.bincount(owner, powers, tasks)
        over = weights @ np.bincount(owner, powers * logs, tasks)
        # Where every power has vanished the longest time outweighs all others, so that the score is below 0.
        scores[:, place] = 1 / shape + told - np.divide(over, under, out=np.zeros_like(over), where=under > 0)
    above = np.clip((scores > 0).sum(axis=1) - 1, 0, GRID - 2)
    high, low = scores[np.arange(len(scores)), above], scores[np.arange(len(scores)), above + 1]
    found: Floats = np.exp(grid[above] + np.clip(high / (high - low), 0, 1) * (grid[1] - grid[0]))
    return found


def _likelihood(times: Floats, ended: Floats, shape: float, scale: float) -> float:
    import numpy as np

    return float(np.sum(ended * (np.log(shape / scale) + (shape - 1) * np.log(times / scale)) - (times / scale) ** shape))
