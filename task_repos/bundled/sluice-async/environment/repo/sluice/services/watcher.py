"""Seeing alarms in readings."""

from __future__ import annotations

import threading

from sluice.clients.notify import Notifier
from sluice.model.alarms import Alarm, Watch
from sluice.model.fleet import Fleet
from sluice.model.readings import Reading
from sluice.services.events import AlarmChanged, Event, EventBus, StationPolled
from sluice.stores.state import StateStore


class AlarmWatcher:
    """Watches polled readings; each alarm is kept, then told to listeners, then to people, in the order of the readings."""

    def __init__(self, fleet: Fleet, state: StateStore, bus: EventBus, notifier: Notifier | None) -> None:
        self._fleet = fleet
        self._state = state
        self._bus = bus
        self._notifier = notifier
        self._lock = threading.Lock()
        self._watches = {rule.name: Watch(rule) for rule in fleet.rules}

    def open(self) -> int:
        """Remember alarms that were open when the gateway ended; how many."""
        found = [alarm for alarm in self._state.alarms(only_open=True) if alarm.rule in self._watches]
        for alarm in found:
            rule = self._watches[alarm.rule].rule
            self._watches[alarm.rule] = Watch(rule, alarm.began, alarm)
        return len(found)

    def hear(self, event: Event) -> None:
        """A listener for polled stations."""
        if isinstance(event, StationPolled):
            self.see(event.readings)

    def see(self, readings: tuple[Reading, ...]) -> list[Alarm]:
        """Alarms that began or ended with these readings."""
        with self._lock:
            changed = [alarm for reading in readings for alarm in self._changes(reading)]
        for alarm in changed:
            self._state.save_alarm(alarm)
            self._bus.emit(AlarmChanged(alarm))
            if self._notifier is not None:
                self._notifier.notify(alarm)
        return changed

    def _changes(self, reading: Reading) -> list[Alarm]:
        found = []
        for rule in self._fleet.rules_for(reading.station, reading.point):
            watch, alarm = self._watches[rule.name].see(reading)
            self._watches[rule.name] = watch
            if alarm is not None:
                found.append(alarm)
        return found
