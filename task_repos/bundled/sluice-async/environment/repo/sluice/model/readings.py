"""Readings: values of points at a moment, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sluice.errors import StoreError
from sluice.model.stations import Point
from sluice.times import format_time, parse_time


class Quality(Enum):
    """Good values can be used, doubtful ones lie outside their range, bad ones are none."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


class Origin(Enum):
    """Whether a value was asked for, or taken from the outstation's own log later."""

    POLL = "poll"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Reading:
    station: str
    point: str
    at: datetime
    value: float | None
    quality: Quality = Quality.GOOD
    origin: Origin = Origin.POLL

    @property
    def key(self) -> tuple[str, str, datetime]:
        return self.station, self.point, self.at

    @property
    def is_usable(self) -> bool:
        return self.value is not None and self.quality is Quality.GOOD

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {"s": self.station, "p": self.point, "t": format_time(self.at), "v": self.value}
        if self.quality is not Quality.GOOD:
            found["q"] = self.quality.value
        if self.origin is not Origin.POLL:
            found["o"] = self.origin.value
        return found

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Reading:
        try:
            return cls(
                table["s"],
                table["p"],
                parse_time(table["t"]),
                table["v"],
                Quality(table.get("q", "good")),
                Origin(table.get("o", "poll")),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise StoreError(f"not a reading: {error}") from None


def judge(station: str, point: Point, at: datetime, value: float, origin: Origin = Origin.POLL) -> Reading:
    """A reading with the quality that its value deserves."""
    if value != value:
        return Reading(station, point.name, at, None, Quality.BAD, origin)
    quality = Quality.GOOD if point.is_plausible(value) else Quality.DOUBTFUL
    return Reading(station, point.name, at, round(value, 6), quality, origin)


def merge(readings: Iterable[Reading]) -> list[Reading]:
    """One reading per key, by time; where there are two, a polled one wins, then the later one in the list."""
    found: dict[tuple[str, str, datetime], Reading] = {}
    for each in readings:
        before = found.get(each.key)
        if before is None or before.origin is Origin.LOG or each.origin is Origin.POLL:
            found[each.key] = each
    return sorted(found.values(), key=lambda r: (r.at, r.station, r.point))


def newest(readings: Iterable[Reading]) -> dict[tuple[str, str], Reading]:
    """The last reading of each point."""
    found: dict[tuple[str, str], Reading] = {}
    for each in readings:
        key = (each.station, each.point)
        if key not in found or each.at >= found[key].at:
            found[key] = each
    return found
