"""The bootstrap distribution of a mean over tasks: exact where the figures are counts of trials, else 10,000 seeded resamples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from harness.metrics.statistics.lattice import NEAR, steps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 20_240_617
"""Any number does; a fixed one makes the same rows give the same interval for ever."""
LONGEST = 1_000_000
"""Cells of the table of sums up to which it is computed and not drawn."""


class Resampled(msgspec.Struct, frozen=True):
    """Values that the mean of a resample takes, rising, and the probability of being at most each."""

    values: NDArray[np.float64]
    at_most: NDArray[np.float64]

    def below(self, value: float) -> float:
        """P(less), and half of P(equal)."""
        import numpy as np

        under, up_to = np.searchsorted(self.values, (value - NEAR, value + NEAR))
        return (self._until(int(under)) + self._until(int(up_to))) / 2

    def quantile(self, share: float) -> float:
        """The least value that has at least this probability of not being exceeded."""
        import numpy as np

        place = int(np.searchsorted(self.at_most, share - 1e-12))
        return float(self.values[min(place, len(self.values) - 1)])

    def _until(self, place: int) -> float:
        return float(self.at_most[place - 1]) if place else 0.0


def resampled(shares: Sequence[float]) -> Resampled:
    """The mean of as many tasks drawn with replacement from `shares` (0..1, one per task).

    Shares of trials lie on a grid, and the sum of n draws from it is its n-fold convolution, here by Fourier transform: the bootstrap of
    infinitely many resamples, in a hundredth of the time of ten thousand. Figures off any grid are resampled. Order has no effect.
    """
    counted = Counter(map(float, shares))
    found = steps(counted, LONGEST // len(shares))
    return _drawn(counted) if found is None else _convolved(counted, *found)


def _convolved(counted: Counter[float], placed: dict[float, int], unit: int) -> Resampled:
    import numpy as np

    tasks, widest = counted.total(), max(placed.values())
    one = np.zeros(tasks * widest + 1)
    for share, count in counted.items():
        one[placed[share]] += count / tasks
    chances = np.fft.irfft(np.fft.rfft(one) ** tasks, len(one)).clip(0.0)
    return Resampled(np.arange(len(one)) / (unit * tasks), np.cumsum(chances) / chances.sum())


def _drawn(counted: Counter[float]) -> Resampled:
    import numpy as np

    values, counts = np.array(sorted(counted)), np.array([counted[each] for each in sorted(counted)])
    tasks = int(counts.sum())
    # How often each figure is drawn says as much as which task was, in a fraction of the time.
    means = np.random.default_rng(SEED).multinomial(tasks, counts / tasks, RESAMPLES) @ values / tasks
    return Resampled(np.sort(means), np.arange(1, RESAMPLES + 1) / RESAMPLES)
