"""What time it is. A fixed clock stands still until it is advanced."""

from __future__ import annotations

from datetime import date, datetime, timedelta


class SystemClock:
    """The clock of the machine, to the second."""

    def now(self) -> datetime:
        return datetime.now().replace(microsecond=0)

    def today(self) -> date:
        return self.now().date()


class FixedClock:
    """A clock for demonstrations and trials."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def today(self) -> date:
        return self._moment.date()

    def advance(self, **delta: float) -> None:
        """On by days, hours, minutes, as `timedelta` takes them."""
        self._moment += timedelta(**delta)


_clock: SystemClock | FixedClock = SystemClock()


def install(clock: SystemClock | FixedClock) -> None:
    global _clock
    _clock = clock


def now() -> datetime:
    return _clock.now()


def today() -> date:
    return _clock.today()


def set_clock(moment: datetime | None) -> None:
    """Fixes the clock, or lets it run again."""
    install(SystemClock() if moment is None else FixedClock(moment))


def advance(**delta: float) -> None:
    """Moves a fixed clock on."""
    if not isinstance(_clock, FixedClock):
        raise RuntimeError("only a fixed clock can be advanced")
    _clock.advance(**delta)
