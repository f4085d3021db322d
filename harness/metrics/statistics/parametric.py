"""Weibull and exponential fits of a survival: whether the hazard rises, falls or stays, which is never assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics import clusters
from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.spells import DRIFT, Spell, lawful

if TYPE_CHECKING:
    from harness.metrics.statistics.clusters import Floats

LEAST, MOST = 0.02, 50.0
HALVINGS: Final = 28
"""The shape to six digits."""
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
    tasks = sorted({spell.task for spell in spells})
    times = np.array([spell.time for spell in spells], dtype=float)
    times, unit = times / times.max(), float(times.max())
    ended = np.array([spell.cause == cause for spell in spells])
    if ended.sum() < FEW or len(set(times[ended])) < 2:
        return None
    places = np.array([tasks.index(spell.task) for spell in spells])
    shape = clusters.estimate(lambda weights: shapes(weights[:, places], times, ended), len(tasks))
    scale = float((np.sum(times**shape.value) / ended.sum()) ** (1 / shape.value))
    constant = float(times.sum() / ended.sum())
    gain = _likelihood(times, ended, shape.value, scale) - _likelihood(times, ended, 1.0, constant)
    return Weibull(shape, scale * unit, constant * unit, gain, int(ended.sum()))


def shapes(weights: Floats, times: Floats, ended: Floats) -> Floats:
    """Weights of spells (rows x spells), their times and whether they drifted -> the shape of each row, NaN without a drift.

    The root of the profile score in the shape, which falls throughout, by halving.
    """
    import numpy as np

    logs = np.log(times)
    drifts = weights @ ended.astype(float)
    told = np.divide(weights @ (ended * logs), drifts, out=np.full(len(weights), np.nan), where=drifts > 0)
    low, high = np.full(len(weights), np.log(LEAST)), np.full(len(weights), np.log(MOST))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        powers = weights * np.exp(np.exp(middle)[:, None] * logs)
        rising = 1 / np.exp(middle) + told - (powers @ logs) / powers.sum(axis=1) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return np.where(np.isnan(told), np.nan, np.exp((low + high) / 2))


def _likelihood(times: Floats, ended: Floats, shape: float, scale: float) -> float:
    import numpy as np

    return float(np.sum(ended * (np.log(shape / scale) + (shape - 1) * np.log(times / scale)) - (times / scale) ** shape))
