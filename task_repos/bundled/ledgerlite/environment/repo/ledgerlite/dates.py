"""Calendar arithmetic that bookkeeping needs and the standard library lacks."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, timedelta

from ledgerlite.errors import InvalidDate


def as_date(value: date | str) -> date:
    """A date as it is, or an ISO text read as one; raises InvalidDate for anything else."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidDate(f"not an ISO date: {value!r}") from None


def month_end(day: date) -> date:
    """Last day of the month that holds ``day``."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_start(day: date) -> date:
    """First day of the month that holds ``day``."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """Same day some months later (or earlier); the 31st becomes the last day of short months."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def months_between(first: date, last: date) -> int:
    """Number of calendar months from the one of ``first`` to the one of ``last``."""
    return (last.year - first.year) * 12 + last.month - first.month


def day_range(first: date, last: date) -> Iterator[date]:
    """All days from first to last, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def next_business_day(day: date, holidays: frozenset[date] = frozenset()) -> date:
    """``day`` itself, or the next one that is neither weekend nor holiday."""
    while day.weekday() >= 5 or day in holidays:
        day += timedelta(days=1)
    return day


def year_fraction(first: date, last: date) -> tuple[int, int]:
    """Days from first to last and the day basis of the first year, as (days, 365 or 366)."""
    basis = 366 if calendar.isleap(first.year) else 365
    return (last - first).days, basis
