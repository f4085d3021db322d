"""Figures over values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sluice.model.readings import Reading


@dataclass(frozen=True, slots=True)
class Summary:
    """Count, extremes and mean of values; all None but the count where there are no values."""

    count: int
    low: float | None
    mean: float | None
    high: float | None


def usable(readings: Iterable[Reading]) -> list[float]:
    return [r.value for r in readings if r.is_usable and r.value is not None]


def summarise(values: Sequence[float]) -> Summary:
    if not values:
        return Summary(0, None, None, None)
    return Summary(len(values), min(values), math.fsum(values) / len(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between the two nearest values; ``share`` from 0 to 1."""
    if not values:
        raise ValueError("no values")
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def median(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def spread(values: Sequence[float]) -> float:
    """The median distance from the median, scaled so that it equals the deviation of normal values."""
    middle = median(values)
    return 1.4826 * median([abs(value - middle) for value in values])


def spikes(readings: Sequence[Reading], width: int = 5, limit: float = 6.0) -> list[Reading]:
    """Readings that stand out of the ``width`` neighbours on both sides by more than ``limit`` spreads."""
    good = [r for r in readings if r.is_usable and r.value is not None]
    found = []
    for n, reading in enumerate(good):
        near = [r.value for r in good[max(0, n - width) : n] + good[n + 1 : n + 1 + width] if r.value is not None]
        if len(near) < width:
            continue
        scale = spread(near) or 1e-9
        assert reading.value is not None
        if abs(reading.value - median(near)) / scale > limit and abs(reading.value - median(near)) > 1e-6:
            found.append(reading)
    return found


def trend(readings: Sequence[Reading]) -> float | None:
    """Change per hour by least squares; None for fewer than two moments."""
    pairs = [(r.at.timestamp() / 3600, r.value) for r in readings if r.is_usable and r.value is not None]
    if len({x for x, _ in pairs}) < 2:
        return None
    mean_x = math.fsum(x for x, _ in pairs) / len(pairs)
    mean_y = math.fsum(y for _, y in pairs) / len(pairs)
    above = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return above / math.fsum((x - mean_x) ** 2 for x, _ in pairs)
