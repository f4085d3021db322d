"""What time it is, and waiting for it to pass."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta


class Clock(ABC):
    """Everything in this package that waits for time to pass does so through a clock."""

    @abstractmethod
    def now(self) -> datetime:
        """The time of day, aware and in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    @abstractmethod
    def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""

    @abstractmethod
    def pause(self, flag: threading.Event, seconds: float) -> bool:
        """Return once a flag is set or the seconds are over; whether the flag is set."""


class SystemClock(Clock):
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)

    def pause(self, flag: threading.Event, seconds: float) -> bool:
        return flag.wait(max(seconds, 0.0))


class ManualClock(Clock):
    """A clock that moves when it is told to: sleeping moves it at once, and each nap is remembered.

    A pause ends with its flag only, since nobody moves the clock meanwhile.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time does not run backwards")
        self._passed += seconds

    def set(self, moment: datetime) -> None:
        """Move on to a moment."""
        self.advance((moment - self.now()).total_seconds())

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.advance(max(seconds, 0.0))

    def pause(self, flag: threading.Event, seconds: float) -> bool:
        return flag.wait()
