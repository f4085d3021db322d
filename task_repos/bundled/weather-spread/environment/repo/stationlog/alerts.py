"""Rules that watch a series of readings and say when to warn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from stationlog.observation import Element, Observation, readings
from stationlog.quantity import Quantity
from stationlog.series import changes


@dataclass(frozen=True)
class RapidChange:
    """Warn when `element` moves by more than `per_hour` within an hour, up or down; the threshold may be in any unit."""

    element: Element
    per_hour: Quantity


@dataclass(frozen=True)
class Alert:
    """A rule that was broken, when, and by how much per hour (in the unit of the rule's threshold)."""

    rule: RapidChange
    at: datetime
    change: float

    def __str__(self) -> str:
        word = "rise" if self.change > 0 else "fall"
        size = f"{abs(self.change):.1f} {self.rule.per_hour.unit}"
        return f"{self.at:%Y-%m-%d %H:%M} {self.rule.element}: {word} of {size} in an hour"


def watch(observations: Iterable[Observation], rules: Iterable[RapidChange]) -> list[Alert]:
    """Every alert of every rule, in order of time."""
    known = list(observations)
    found = [alert for rule in rules for alert in _broken(rule, known)]
    return sorted(found, key=lambda alert: alert.at)


def _broken(rule: RapidChange, observations: list[Observation]) -> list[Alert]:
    alerts = []
    for at, rate in changes(readings(observations, rule.element)):
        change = rate.to(rule.per_hour.unit).value
        if rule.per_hour.unit == "degF" and rate.unit != "degF":
            change -= 32.0  # a change of nothing comes out as 32 degF
        if abs(change) > rule.per_hour.value:
            alerts.append(Alert(rule, at, round(change, 6)))
    return alerts
