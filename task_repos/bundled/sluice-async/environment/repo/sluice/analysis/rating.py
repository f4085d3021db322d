"""From water level to discharge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sluice.errors import ConfigError
from sluice.model.readings import Quality, Reading


@dataclass(frozen=True, slots=True)
class Segment:
    """``flow = factor * (level - zero) ** power`` for levels below ``until``."""

    until: float
    factor: float
    zero: float
    power: float

    def flow(self, level: float) -> float:
        depth = level - self.zero
        return self.factor * depth**self.power if depth > 0 else 0.0


@dataclass(frozen=True, slots=True)
class RatingCurve:
    """Segments from low to high; above the last one a flow is only guessed."""

    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        limits = [segment.until for segment in self.segments]
        if not limits or limits != sorted(set(limits)):
            raise ConfigError("segments of a rating curve rise")

    def flow(self, level: float) -> tuple[float, bool]:
        """The discharge, and whether the curve was measured there."""
        for segment in self.segments:
            if level < segment.until:
                return segment.flow(level), True
        return self.segments[-1].flow(level), False

    def level(self, flow: float, precision: float = 1e-4) -> float:
        """The level at which so much flows, by halving; within the measured range."""
        low = self.segments[0].zero
        high = self.segments[-1].until
        if not 0 <= flow <= self.flow(high - precision)[0]:
            raise ConfigError(f"a flow of {flow:g} is outside the curve")
        while high - low > precision:
            middle = (low + high) / 2
            low, high = (middle, high) if self.flow(middle)[0] < flow else (low, middle)
        return (low + high) / 2

    def apply(self, levels: Iterable[Reading], point: str) -> list[Reading]:
        """Levels as readings of a flow; guessed flows are doubtful."""
        found = []
        for reading in levels:
            if reading.value is None:
                found.append(replace(reading, point=point))
                continue
            flow, measured = self.flow(reading.value)
            quality = reading.quality if measured else Quality.DOUBTFUL
            found.append(replace(reading, point=point, value=round(flow, 6), quality=quality))
        return found

    @classmethod
    def parse(cls, table: Sequence[Mapping[str, Any]]) -> RatingCurve:
        try:
            return cls(tuple(Segment(float(s["until"]), float(s["factor"]), float(s["zero"]), float(s["power"])) for s in table))
        except (KeyError, ValueError) as error:
            raise ConfigError(f"a rating curve: {error}") from None
