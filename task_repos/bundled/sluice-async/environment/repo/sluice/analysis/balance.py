"""What flows into a basin, what flows out, and what must have been lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from sluice.errors import ConfigError
from sluice.model.readings import Reading


@dataclass(frozen=True, slots=True)
class Basin:
    """Pairs of level and volume that rise; between them a volume is interpolated."""

    curve: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.curve) < 2 or any(b[0] <= a[0] or b[1] < a[1] for a, b in pairwise(self.curve)):
            raise ConfigError("the curve of a basin rises and has two pairs or more")

    def volume(self, level: float) -> float:
        if level <= self.curve[0][0]:
            return self.curve[0][1]
        for (low, below), (high, above) in pairwise(self.curve):
            if level <= high:
                return below + (above - below) * (level - low) / (high - low)
        return self.curve[-1][1]


@dataclass(frozen=True, slots=True)
class Balance:
    """Cubic metres over a stretch; ``lost`` is what in, out and storage do not explain."""

    inflow: float
    outflow: float
    stored: float

    @property
    def lost(self) -> float:
        return self.inflow - self.outflow - self.stored


def volume_of(flows: Sequence[Reading], longest: timedelta = timedelta(hours=2)) -> float:
    """Cubic metres of a flow in m3/s by trapezes; longer gaps count as nothing."""
    good = sorted((r for r in flows if r.is_usable), key=lambda r: r.at)
    total = 0.0
    for before, after in pairwise(good):
        span = after.at - before.at
        if span <= longest and before.value is not None and after.value is not None:
            total += (before.value + after.value) / 2 * span.total_seconds()
    return total


def balance(basin: Basin, levels: Sequence[Reading], inflows: Mapping[str, Sequence[Reading]], outflows: Mapping[str, Sequence[Reading]]) -> Balance:
    """The balance between the first and the last usable level."""
    good = sorted((r for r in levels if r.is_usable and r.value is not None), key=lambda r: r.at)
    if len(good) < 2 or good[0].value is None or good[-1].value is None:
        raise ConfigError("a balance needs two levels")
    first, last = good[0].at, good[-1].at

    def within(flows: Sequence[Reading]) -> list[Reading]:
        return [r for r in flows if first <= r.at <= last]

    return Balance(
        sum(volume_of(within(flows)) for flows in inflows.values()),
        sum(volume_of(within(flows)) for flows in outflows.values()),
        basin.volume(good[-1].value) - basin.volume(good[0].value),
    )
