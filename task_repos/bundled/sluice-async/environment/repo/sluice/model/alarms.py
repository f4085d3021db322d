"""Alarm rules, and when an alarm begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sluice.errors import ConfigError
from sluice.model.readings import Reading
from sluice.times import format_time, parse_span, parse_time


class Side(Enum):
    ABOVE = "above"
    BELOW = "below"


class Severity(Enum):
    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit on a point: the alarm begins once the value was beyond it for ``hold``, and ends ``band`` on the good side."""

    name: str
    station: str
    point: str
    side: Side
    limit: float
    band: float = 0.0
    hold: timedelta = timedelta(0)
    severity: Severity = Severity.WARNING

    def is_beyond(self, value: float) -> bool:
        return value > self.limit if self.side is Side.ABOVE else value < self.limit

    def is_well_within(self, value: float) -> bool:
        if self.side is Side.ABOVE:
            return value <= self.limit - self.band
        return value >= self.limit + self.band

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Rule:
        try:
            sides = [side for side in Side if side.value in table]
            if len(sides) != 1:
                raise ConfigError("an alarm has either above or below")
            return cls(
                table["name"],
                table["station"],
                table["point"],
                sides[0],
                float(table[sides[0].value]),
                float(table.get("band", 0.0)),
                parse_span(table.get("hold", "0s")),
                Severity(table.get("severity", "warning")),
            )
        except KeyError as error:
            raise ConfigError(f"an alarm lacks {error}") from None
        except ValueError as error:
            raise ConfigError(f"an alarm: {error}") from None


@dataclass(frozen=True, slots=True)
class Alarm:
    """One stretch of time in which a rule was broken."""

    rule: str
    station: str
    point: str
    severity: Severity
    began: datetime
    value: float
    ended: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended is None

    def to_dict(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "station": self.station,
            "point": self.point,
            "severity": self.severity.value,
            "began": format_time(self.began),
            "value": self.value,
            "ended": None if self.ended is None else format_time(self.ended),
        }

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Alarm:
        ended = table["ended"]
        return cls(
            table["rule"],
            table["station"],
            table["point"],
            Severity(table["severity"]),
            parse_time(table["began"]),
            table["value"],
            None if ended is None else parse_time(ended),
        )

    def text(self) -> str:
        """The sentence that goes to people."""
        verb = "is" if self.is_open else "was"
        until = "" if self.ended is None else f" until {format_time(self.ended)}"
        return f"{self.severity.value}: {self.rule}: {self.station}/{self.point} {verb} {self.value:g} since {format_time(self.began)}{until}"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of a rule between two readings."""

    rule: Rule
    beyond_since: datetime | None = None
    alarm: Alarm | None = None

    def see(self, reading: Reading) -> tuple[Watch, Alarm | None]:
        """The watch after a reading, and the alarm that began or ended with it."""
        if not reading.is_usable or reading.value is None:
            return self, None
        if self.alarm is not None:
            if not self.rule.is_well_within(reading.value):
                return self, None
            over = replace(self.alarm, ended=reading.at)
            return Watch(self.rule), over
        if not self.rule.is_beyond(reading.value):
            return Watch(self.rule), None
        since = self.beyond_since or reading.at
        if reading.at - since < self.rule.hold:
            return replace(self, beyond_since=since), None
        alarm = Alarm(self.rule.name, reading.station, reading.point, self.rule.severity, since, reading.value)
        return replace(self, beyond_since=since, alarm=alarm), alarm


def worst(alarms: Iterable[Alarm]) -> Severity | None:
    """The highest severity among open alarms."""
    ranks = [alarm.severity for alarm in alarms if alarm.is_open]
    return max(ranks, key=lambda severity: severity.rank) if ranks else None
