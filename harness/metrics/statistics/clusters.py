"""The bootstrap over tasks of any figure: a task is drawn with all that happened in it, as often as chance has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import msgspec

from harness.metrics.statistics.intervals import expanded_tails

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Figure: TypeAlias = Callable[[Floats], Floats]

Name = TypeVar("Name", str, tuple[str, str])
RESAMPLES: Final = 2_000
SEED: Final = 20_240_617
NEAR: Final = 1e-12


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval over tasks. A bound of infinity: the data do not close the interval on that side."""

    value: float
    low: float
    high: float
    tasks: int
    method: str


def numbered(names: Iterable[Name]) -> dict[Name, int]:
    """Each distinct name with its place among all of them, sorted; in that order."""
    return {name: place for place, name in enumerate(sorted(set(names)))}


@lru_cache(maxsize=64)
def draws(tasks: int, resamples: int = RESAMPLES) -> Floats:
    """How often each task is drawn in each resample: resamples x tasks, every row adding to `tasks`. Seeded; read only."""
    import numpy as np

    found: Floats = np.random.default_rng(SEED).multinomial(tasks, np.full(tasks, 1 / tasks), resamples).astype(float)
    found.setflags(write=False)
    return found


def estimate(figure: Figure, tasks: int) -> Estimate:
    """`figure` maps weights of tasks (rows x tasks) to one figure a row; its value and 95 % interval for tasks like these.

    BCa bootstrap over tasks, 2,000 seeded resamples (Efron 1987, JASA 82:171-185), its percentiles expanded for few tasks by Student's
    quantile and sqrt(n / (n - 1)) (Hesterberg 2015, The American Statistician 69:371-386); acceleration from the jackknife over tasks.
    Infinite figures count as such, resamples in which the figure is undefined (NaN) are left out. Assumes tasks drawn independently; pass
    them in an order of their own (sorted), so that the order of rows has no effect. Where no resample differs the interval is a point:
    the caller knows what nothing seen may hide. Raises ValueError for no task.
    """
    import numpy as np

    if tasks < 1:
        raise ValueError("no task")
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(figure(np.ones((1, tasks)))[0])
        copies = figure(draws(tasks))
        without = figure(1 - np.eye(tasks)) if tasks > 1 else np.array([value])
    low, high = bounds(value, copies, without)
    return Estimate(value, low, high, tasks, "BCa bootstrap over tasks")


def bounds(value: float, copies: Floats, without: Floats) -> tuple[float, float]:
    """Expanded BCa percentiles of `copies` (resamples) around `value`; `without`: the figure with one task left out in turn."""
    import numpy as np

    sound = np.sort(copies[~np.isnan(copies)])
    if not sound.size or np.isnan(value):
        return -np.inf, np.inf
    low, high = tails(value, sound, without)
    return _rank(sound, low), _rank(sound, high)


def tails(value: float, sound: Floats, without: Floats) -> tuple[float, float]:
    """Which shares of the resamples are the bounds; plain expanded percentiles where the correction is undefined."""
    import numpy as np

    tasks = len(without)
    if tasks < 2:
        return 0.0, 1.0
    below = (np.sum(sound < value - NEAR) + np.sum(sound <= value + NEAR)) / 2 / sound.size
    found = expanded_tails(tasks, float(np.clip(below, 0.001, 0.999)), _acceleration(without))
    return found or expanded_tails(tasks, 0.5, 0.0) or (0.0, 1.0)


def _acceleration(without: Floats) -> float:
    """A sixth of the skewness of the jackknife's influences; 0 where it has none."""
    import numpy as np

    if not np.all(np.isfinite(without)):
        return 0.0
    off = without.mean() - without
    spread = float(np.sum(off**2)) ** 1.5
    return float(np.sum(off**3)) / (6 * spread) if spread > NEAR else 0.0


def _rank(rising: Floats, share: float) -> float:
    """The value at this share, never between two: halfway to infinity is nowhere."""
    place = min(len(rising) - 1, max(0, int(share * len(rising) + 0.5)))
    return float(rising[place])


def band(copies: Floats) -> tuple[Floats, Floats]:
    """Pointwise expanded percentiles of curves (resamples x points), for a curve over as many tasks as `copies` was drawn from."""
    import numpy as np

    found = np.nanquantile if np.isnan(copies).any() else np.quantile  # the first goes column by column
    low, high = found(copies, (0.025, 0.975), axis=0)
    return low, high
