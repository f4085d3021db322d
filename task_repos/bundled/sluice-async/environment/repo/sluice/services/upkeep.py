"""Keeping order: old readings, doubles, idle links, and clocks that run wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sluice.clock import Clock
from sluice.errors import SluiceError
from sluice.model.fleet import Fleet
from sluice.services.desk import StationDesk
from sluice.session.operations import set_clock
from sluice.stores.audit import AuditTrail
from sluice.stores.segments import ReadingStore


@dataclass(frozen=True, slots=True)
class Tidied:
    """What housekeeping has done."""

    pruned: tuple[date, ...]
    doubles: int
    links: int


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """How far the clocks of stations were ahead, and why others could not be asked."""

    ahead: dict[str, timedelta] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Upkeep:
    """Jobs for quiet hours."""

    def __init__(self, fleet: Fleet, desk: StationDesk, readings: ReadingStore, audit: AuditTrail, clock: Clock) -> None:
        self._fleet = fleet
        self._desk = desk
        self._readings = readings
        self._audit = audit
        self._clock = clock

    def tidy(self, keep: timedelta) -> Tidied:
        """Forget readings older than ``keep``, write yesterday's file in order, and close links that nobody uses."""
        now = self._clock.now()
        pruned = self._readings.prune((now - keep).date())
        yesterday = (now - timedelta(days=1)).date()
        doubles = self._readings.compact(yesterday) if yesterday in self._readings.days() else 0
        if pruned:
            self._audit.record("gateway", "prune", f"{len(pruned)} days before {(now - keep).date().isoformat()}")
        return Tidied(tuple(pruned), doubles, self._desk.close_idle())

    def check_clocks(self, tolerance: timedelta) -> ClockCheck:
        """Ask stations for their time, one after another, and set those that are off by more than the tolerance."""
        ahead: dict[str, timedelta] = {}
        failed: dict[str, str] = {}
        for station in self._fleet:
            try:
                with self._desk.session(station.name) as session:
                    ahead[station.name] = set_clock(session, self._clock.now(), tolerance)
            except SluiceError as error:
                failed[station.name] = str(error)
                continue
            if abs(ahead[station.name]) > tolerance:
                self._audit.record("gateway", "clock", f"{station.name} was {ahead[station.name].total_seconds():+.0f} s off")
        return ClockCheck(ahead, failed)
