"""Looking every night without fooling oneself: a confidence sequence, whose bounds hold at every look at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CONFIDENCE: Final = 0.95
STAKES: Final = 20
"""So many gamblers on either side, staking 1/40, 3/40 ... 39/40 of what they may: some are right for a large difference, others for a small one."""
GRID: Final = 2_001
"""Means that are tried, from -1 to 1; a bound is rounded outwards to the next, by 0.001."""


class Look(msgspec.Struct, frozen=True):
    """What all observations so far say of their mean, -1..1; `low`, `high` hold at every look at once (95 %), and never widen again.

    `estimate` is the plain mean; stopping early makes it a little too large, so it may even lie outside. `tasks`: how many observations.
    """

    estimate: float
    low: float
    high: float
    tasks: int


def watched(observations: Sequence[float]) -> Look:
    """A 95 % confidence sequence for the mean of one difference a - b per task, -1..1, in the order in which they came.

    The chance that any look ever, after one task, two, ... without end, has bounds that miss the mean is at most 5 %. So one may look every
    night and stop when decided: better where low > 0, worse where high < 0, equal where both lie within the margin. What it costs beside a
    test with a number of tasks fixed beforehand is in docs/statistics.md.

    By betting (Waudby-Smith and Ramdas 2024, JRSS B 86:1-27, hedged grid Kelly): would the mean be m, then nobody who bets on "above m" at fair
    odds could expect to gain; the capital of such gamblers is a martingale and reaches forty times its beginning with a chance of 1/40 at most
    (Ville 1939). So m is excluded, and all below it, where 20 gamblers with fixed stakes have forty times their capital together; so are means
    from above, with those who bet on "below m". Fixed stakes make the capital fall with m, so what is left is an interval; and the order counts only for when a bound was reached.

    Assumes that each next observation has the same mean whatever came before: tasks drawn from a population of tasks, or one suite in an order
    drawn beforehand and never changed; one observation of each task, its first attempt. Nights that repeat the same tasks are no new
    observations. Raises ValueError for none, or for one outside of -1..1.
    """
    if not observations:
        raise ValueError("no observation")
    if not all(-1 <= each <= 1 for each in observations):
        raise ValueError("an observation outside of -1..1")
    low, high = _bounds(observations)
    return Look(float(sum(sorted(observations)) / len(observations)), low, high, len(observations))


def _bounds(observations: Sequence[float]) -> tuple[float, float]:
    """Running: the highest low and the lowest high of all looks, up to the last look at which they left anything between them."""
    import numpy as np

    means = np.linspace(-1, 1, GRID)
    stakes = ((np.arange(STAKES) + 0.5) / STAKES)[:, None]
    left = slice(1, GRID - 1)
    above, below = np.ones((STAKES, GRID)), np.ones((STAKES, GRID))
    for each in observations:
        # All that may be staked on "above m" is what -1 loses; so 1 gained pays (1 - m) / (1 + m).
        with np.errstate(over="ignore", under="ignore"):
            above[:, left] *= 1 + stakes * ((each - means[left]) / (1 + means[left]))
            below[:, left] *= 1 + stakes * ((means[left] - each) / (1 - means[left]))
        first, last = left.start + int(_rich(above[:, left]).sum()), left.stop - int(_rich(below[:, left]).sum())
        if first >= last:
            break
        left = slice(first, last)
    return round(float(means[left.start - 1]), 6) + 0.0, round(float(means[left.stop]), 6) + 0.0


def _rich(capital: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where the gamblers have forty times what they began with, or more."""
    import numpy as np

    with np.errstate(over="ignore"):
        found: NDArray[np.bool_] = capital.mean(axis=0) >= 2 / (1 - CONFIDENCE)
    return found
