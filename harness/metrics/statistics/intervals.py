"""95 % intervals of a mean of figures in 0..1, each by one method.

scipy is imported inside the functions: only a command that counts should pay for it, and scipy.special comes in a quarter of the time of
scipy.stats.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from harness.metrics.statistics.bootstrap import resampled

CONFIDENCE = 0.95


class Interval(msgspec.Struct, frozen=True):
    """Bounds in 0..1 at 95 %; `method` in words; `n`: tasks it is made of."""

    low: float
    high: float
    method: str
    n: int


def bca(shares: Sequence[float]) -> Interval | None:
    """BCa bootstrap of the mean over tasks: bias-corrected, accelerated (Efron 1987, JASA 82:171-185), its percentiles expanded for few tasks.

    Expanded: asked for Student's quantile times sqrt(n / (n - 1)) in place of the normal one, because resamples of n tasks spread less than
    fresh samples would (Hesterberg 2015, The American Statistician 69:371-386). Assumes tasks drawn independently from one population; their
    order has no effect. None where the correction is undefined: tasks all alike, or nearly.
    """
    if len(set(shares)) < 2:
        return None
    found, centre = resampled(shares), math.fsum(shares) / len(shares)
    tails = expanded_tails(len(shares), found.below(centre), _acceleration([share - centre for share in shares]))
    if tails is None:
        return None
    return Interval(
        max(0.0, found.quantile(tails[0])), min(1.0, found.quantile(tails[1])), "BCa bootstrap over tasks", len(shares)
    )


def _acceleration(offs: Sequence[float]) -> float:
    """How fast the standard error changes with the mean: a sixth of the skewness of the mean, which is the jackknife's figure for a mean."""
    spread: float = math.fsum(off**2 for off in offs) ** 1.5
    return math.fsum(off**3 for off in offs) / (6 * spread)


def expanded_tails(tasks: int, below: float, acceleration: float) -> tuple[float, float] | None:
    """Which percentiles of the resamples are the bounds; None where the correction leads nowhere. `below`: the share of them under the mean."""
    from scipy.special import ndtr, ndtri  # type: ignore[import-untyped]

    bias, wide = float(ndtri(below)), _quantiles(tasks - 1)[1] * math.sqrt(tasks / (tasks - 1))
    sides = (bias - wide, bias + wide)
    if not math.isfinite(bias) or any(1 - acceleration * side <= 0 for side in sides):
        return None
    low, high = (float(ndtr(bias + side / (1 - acceleration * side))) for side in sides)
    return low, high


def wilson(passed: int, trials: int) -> Interval:
    """Wilson 1927, JASA 22:209-212, with Student's quantile for trials - 1 degrees of freedom in place of the normal one.

    Assumes independent trials, such as one for each task. With the normal quantile it holds 95 % of all true shares together but not each: with
    ten trials as few as 86 (Brown, Cai and DasGupta 2001, Statistical Science 16:101-133); with Student's hardly any share is held less than
    94 times of 100. One or two trials say next to nothing of others like them.
    """
    _, student = _quantiles(trials - 1)
    return Interval(*_score_bounds(passed / trials, trials, student), "Wilson", trials)


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
    from scipy.special import ndtri, stdtrit

    upper = 0.5 + CONFIDENCE / 2
    return float(ndtri(upper)), float(stdtrit(max(1, freedom), upper))


def _score_bounds(share: float, number: float, normal: float) -> tuple[float, float]:
    """Wilson's score bounds for a share of a number of trials that need not be whole."""
    square = normal**2 / number
    middle = (share + square / 2) / (1 + square)
    half = normal / (1 + square) * math.sqrt(share * (1 - share) / number + square / (4 * number))
    return max(0.0, middle - half) if share > 0 else 0.0, min(1.0, middle + half) if share < 1 else 1.0
