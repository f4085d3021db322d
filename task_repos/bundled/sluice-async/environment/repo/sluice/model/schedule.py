"""When periodic jobs are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sluice.errors import ConfigError
from sluice.times import floor_to, format_span, parse_span


@dataclass(frozen=True, slots=True)
class Every:
    """At every multiple of a span since midnight, shifted by an offset."""

    span: timedelta
    offset: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        if self.span <= timedelta(0) or self.span > timedelta(days=1):
            raise ConfigError("a period lies between nothing and a day")
        if not timedelta(0) <= self.offset < self.span:
            raise ConfigError("an offset is shorter than the period")

    def after(self, moment: datetime) -> datetime:
        """The first due time behind a moment."""
        due = floor_to(moment, self.span) - self.span + self.offset
        while due <= moment:
            due += self.span
        return due

    def __str__(self) -> str:
        text = f"every {format_span(self.span)}"
        return f"{text} + {format_span(self.offset)}" if self.offset else text

    @classmethod
    def parse(cls, text: str) -> Every:
        """Read ``every 15m`` or ``every 1h + 5m``."""
        word, _, rest = text.strip().partition(" ")
        if word != "every":
            raise ConfigError(f"not a schedule: {text!r}")
        span, plus, offset = rest.partition("+")
        return cls(parse_span(span), parse_span(offset) if plus else timedelta(0))


class Timetable:
    """Due times of several jobs; a job that was missed several times is due once."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Every, datetime]] = {}

    def add(self, name: str, schedule: Every, now: datetime) -> None:
        if name in self._entries:
            raise ConfigError(f"two jobs are called {name}")
        self._entries[name] = (schedule, schedule.after(now))

    def due(self, now: datetime) -> list[str]:
        """Names of the jobs that are due, the longest waiting first."""
        waiting = [(due, name) for name, (_, due) in self._entries.items() if due <= now]
        return [name for _, name in sorted(waiting)]

    def done(self, name: str, now: datetime) -> None:
        schedule, _ = self._entries[name]
        self._entries[name] = (schedule, schedule.after(now))

    def next_due(self) -> datetime | None:
        return min((due for _, due in self._entries.values()), default=None)

    def table(self) -> list[tuple[str, str, datetime]]:
        return [(name, str(schedule), due) for name, (schedule, due) in sorted(self._entries.items())]
