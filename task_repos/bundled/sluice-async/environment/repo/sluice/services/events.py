"""Events, and who hears of them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sluice.model.alarms import Alarm
from sluice.model.commands import Command
from sluice.model.readings import Reading
from sluice.model.waves import Step

REMEMBERED = 500


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class StationPolled(Event):
    station: str
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class StationFailed(Event):
    station: str
    reason: str


@dataclass(frozen=True, slots=True)
class RoundFinished(Event):
    started: datetime
    readings: int
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommandFinished(Event):
    command: Command


@dataclass(frozen=True, slots=True)
class AlarmChanged(Event):
    """An alarm began or, when it has an end, ended."""

    alarm: Alarm


@dataclass(frozen=True, slots=True)
class BatchSent(Event):
    number: int
    readings: int


@dataclass(frozen=True, slots=True)
class BatchRefused(Event):
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class RolloutMoved(Event):
    image: str
    station: str
    step: Step


Listener = Callable[[Event], None]


class EventBus:
    """Calls listeners in the order of their subscription; an event is through once all of them have returned.

    A listener that raises is noted and disturbs nobody. Listeners may subscribe, cancel and emit themselves.
    """

    def __init__(self) -> None:
        self._listeners: list[tuple[Listener, tuple[type[Event], ...]]] = []
        self._lock = threading.Lock()
        self.failures: list[str] = []
        self.recent: deque[Event] = deque(maxlen=REMEMBERED)

    def subscribe(self, listener: Listener, kinds: tuple[type[Event], ...] = (Event,)) -> Callable[[], None]:
        """Have a listener called with events of some kinds; what this returns ends it."""
        entry = (listener, kinds)
        with self._lock:
            self._listeners.append(entry)

        def cancel() -> None:
            with self._lock:
                if entry in self._listeners:
                    self._listeners.remove(entry)

        return cancel

    def emit(self, event: Event) -> None:
        """Tell everybody who wants to hear of such events; returns when all of them have heard it."""
        with self._lock:
            listeners = [listener for listener, kinds in self._listeners if isinstance(event, kinds)]
            self.recent.append(event)
        for listener in listeners:
            try:
                listener(event)
            except Exception as error:
                self.failures.append(f"{type(event).__name__}: {type(error).__name__}: {error}")
