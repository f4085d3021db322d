"""Spans of time on one day or over several: half-open, so that neighbours do not touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pawdesk.errors import Refused


@dataclass(frozen=True, order=True)
class Span:
    """From `start` up to, but without, `end`."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Refused(f"a span ends after it starts: {self.start:%Y-%m-%d %H:%M}")

    @classmethod
    def of(cls, start: datetime, minutes: int) -> Span:
        if minutes <= 0:
            raise Refused("a span lasts a minute at least")
        return cls(start, start + timedelta(minutes=minutes))

    @classmethod
    def on(cls, day: date, start: time, end: time) -> Span:
        return cls(datetime.combine(day, start), datetime.combine(day, end))

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def free_of(whole: Span, taken: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span, in order."""
    at = whole.start
    for each in sorted(span for span in taken if span.overlaps(whole)):
        if each.start > at:
            yield Span(at, each.start)
        at = max(at, each.end)
    if at < whole.end:
        yield Span(at, whole.end)


def merge(spans: Iterable[Span]) -> list[Span]:
    """Touching and overlapping spans put together."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 + months
    year, month = divmod(number, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month that holds a day."""
    first = day.replace(day=1)
    return first, add_months(first, 1) - timedelta(days=1)
