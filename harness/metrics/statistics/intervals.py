"""95 % intervals of a mean of figures in 0..1, each by one method; the one file that speaks to scipy.

scipy is imported inside the functions: only a report counts, and a worker should not carry 60 MB that it never uses.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import msgspec

CONFIDENCE = 0.95
RESAMPLES = 4_999
SEED = 20_240_617
"""Any number does; a fixed one makes the same rows give the same interval for ever."""


class Interval(msgspec.Struct, frozen=True):
    """Bounds in 0..1 at 95 %; `method` in words; `n`: tasks it is made of."""

    low: float
    high: float
    method: str
    n: int


def bca(shares: Sequence[float]) -> Interval | None:
    """BCa bootstrap of the mean over tasks: bias-corrected, accelerated. Efron 1987, JASA 82:171-185, by scipy.stats.bootstrap.

    Assumes tasks drawn independently from one population; their order says nothing, so they are sorted before numbers are drawn. None where the correction is undefined: tasks all alike, or nearly.
    """
    if len(set(shares)) < 2:
        return None
    import numpy as np
    from scipy import stats  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (np.asarray(sorted(shares), dtype=float),), np.mean, n_resamples=RESAMPLES, batch=500, confidence_level=CONFIDENCE,
            method="BCa", rng=np.random.default_rng(SEED),
        ).confidence_interval  # fmt: skip
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return None
    return Interval(max(0.0, float(found.low)), min(1.0, float(found.high)), "BCa bootstrap over tasks", len(shares))


def wilson(passed: int, trials: int) -> Interval:
    """Wilson 1927, JASA 22:209-212, by scipy.stats.binomtest. Assumes independent trials, such as one for each task."""
    from scipy import stats

    found = stats.binomtest(passed, trials).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(float(found.low), float(found.high), "Wilson", trials)


def wilson_effective(shares: Sequence[float], trials: float) -> Interval:
    """Wilson's interval for the number of independent trials that would spread as these tasks do; `trials`: how many were run in all.

    effective = p (1 - p) / (s^2 / tasks), kept between the number of tasks (further attempts told nothing new) and of trials (all of them
    did), times (z / t)^2 with tasks - 1 degrees of freedom, because s^2 itself is guessed from few tasks: Korn and Graubard 1998, Survey
    Methodology 24:193-201, with Wilson's bounds in place of Clopper and Pearson's. One task: its trials are all that is known.
    """
    tasks = len(shares)
    centre = sum(shares) / tasks
    spread = sum((share - centre) ** 2 for share in shares) / (tasks - 1) / tasks if tasks > 1 else 0.0
    told = centre * (1 - centre) / spread if spread > 0 else tasks
    normal, student = _quantiles(tasks - 1)
    effective = min(max(told, tasks), trials) * (normal / student) ** 2
    low, high = _score_bounds(centre, effective, normal)
    return Interval(low, high, "Wilson, effective trials", tasks)


def _quantiles(freedom: int) -> tuple[float, float]:
    """Two-sided 95 % quantiles of the normal and of Student's distribution; without freedom Student's is taken at 1."""
    from scipy import stats

    upper = 0.5 + CONFIDENCE / 2
    return float(stats.norm.ppf(upper)), float(stats.t.ppf(upper, max(1, freedom)))


def _score_bounds(share: float, number: float, normal: float) -> tuple[float, float]:
    """Wilson's score bounds for a share of a number of trials that need not be whole."""
    square = normal**2 / number
    middle = (share + square / 2) / (1 + square)
    half = normal / (1 + square) * math.sqrt(share * (1 - share) / number + square / (4 * number))
    return max(0.0, middle - half), min(1.0, middle + half)
