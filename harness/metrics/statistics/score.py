"""Score test of a mean of figures that cannot leave -1..1: its spread is taken as the hypothesis would have it, not as the sample shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import fsum, inf, sqrt

import msgspec

HALVINGS = 40
FEW = 10
"""Below this many figures the widest seen tells nothing of how wide they may be."""
SAME = 9
"""Decimals to which figures are alike: shares of trials differ by more, rounding by less."""
HAIR = 1e-9
"""Means no farther apart are one: the figures are rounded to so much, their mean is not."""


class Sample(msgspec.Struct, frozen=True):
    """Distinct figures with their shares (adding to 1), their mean, how many there were, and how far from 0 a further one is thought to lie."""

    values: tuple[float, ...]
    shares: tuple[float, ...]
    mean: float
    size: int
    reach: float


def sample(figures: Sequence[float], reach: Callable[[float, float], float]) -> Sample:
    """`reach`: from the widest and the narrowest figure seen, signs and zeros apart, to how far from 0 a further one may lie, at most 1.

    Where all are 0, or there are fewer than 10, nothing is known of it: 1. The order of figures has no effect.
    """
    counted = sorted(Counter(round(float(each), SAME) + 0.0 for each in figures).items())
    size = len(figures)
    sizes = [abs(value) for value, _ in counted if value] or [1.0]
    far = min(1.0, reach(max(sizes), min(sizes))) if size >= FEW else 1.0
    return Sample(
        tuple(value for value, _ in counted),
        tuple(count / size for _, count in counted),
        round(fsum(figures) / size, 12) + 0.0,
        size,
        far,
    )


def student(held: Sample, mean: float) -> float:
    """How far the sample's mean is from the hypothesis `mean`, signed, to be read with Student's distribution of size - 1 degrees of freedom.

    The spread is that of the likeliest distribution on the figures seen and the ends of reach whose mean is the hypothesis (empirical
    likelihood: Owen 1988, Biometrika 75:237-249). For figures in {-1, 0, 1} it is Tango's score test of paired proportions (1998, Statistics
    in Medicine 17:891-908); its scale, t = z sqrt((n - 1) / (n - z^2)), makes it Student's test where the spread is taken around the
    hypothesis. Infinite where the hypothesis lies beyond reach.
    """
    if abs(held.mean - mean) < 1e-12:
        return 0.0
    end = held.reach if mean > held.mean else -held.reach
    if abs(mean) >= held.reach and mean * end > 0:
        return inf if mean < held.mean else -inf
    near, far = 0.0, 2.0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (
            (middle, far)
            if abs(_likeliest(held, end, middle)[0] - held.mean) < abs(mean - held.mean)
            else (near, middle)
        )
    return _student(held, mean, _likeliest(held, end, far)[1])


def bounds(held: Sample, quantile: float) -> tuple[float, float]:
    """The lowest and the highest mean that lie no more than `quantile` away, as `student` counts."""
    return _bound(held, quantile, -held.reach), _bound(held, quantile, held.reach)


def _bound(held: Sample, quantile: float, end: float) -> float:
    near, far = 0.0, 2.0
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (middle, far) if abs(_student(held, *_likeliest(held, end, middle))) < quantile else (near, middle)
    return _likeliest(held, end, near)[0]


def _student(held: Sample, mean: float, spread: float) -> float:
    off = held.mean - mean
    if abs(off) < HAIR:
        return 0.0
    square = held.size * off * off / spread if spread > 0 else inf
    size = max(2, held.size)
    return (1 if off > 0 else -1) * (inf if square >= size else sqrt((size - 1) * square / (size - square)))


def _likeliest(held: Sample, end: float, way: float) -> tuple[float, float]:
    """Mean and variance of the likeliest distribution that is some `way` (0..2) towards an end of reach.

    From 0 to 1 the figures seen are weighted by 1 / (1 - way x / end); from 1 to 2 the end itself takes a growing share, though nobody saw it.
    That is the whole family of empirical likelihood: with k = pull / (1 - pull mean), 1 + pull (x - mean) is 1 + k x but for a factor.
    """
    total, first, second, pull = 0.0, 0.0, 0.0, min(1.0, way) / end
    for value, share in zip(held.values, held.shares, strict=True):
        weight = share / max(1e-300, 1 - pull * value)
        total, first, second = total + weight, first + weight * value, second + weight * value * value
    beyond, seen = max(0.0, way - 1), first / total
    mean = (1 - beyond) * seen + beyond * end
    spread = max(0.0, second / total - seen * seen) + (seen - mean) ** 2
    return mean, (1 - beyond) * spread + beyond * (end - mean) ** 2
