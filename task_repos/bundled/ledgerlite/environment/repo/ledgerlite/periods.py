"""Fiscal years and months, and which of them are closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ledgerlite.dates import add_months, month_end
from ledgerlite.errors import LedgerError, PeriodClosed


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise LedgerError(f"period ends {self.last} before it starts {self.first}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def label(self) -> str:
        """``2026-03`` for a whole month, ``2026`` for a whole calendar year, else both ends."""
        if self.first.day == 1 and self.last == month_end(self.first):
            return self.first.strftime("%Y-%m")
        if (self.first.month, self.first.day) == (1, 1) and self.last == date(self.first.year, 12, 31):
            return str(self.first.year)
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    def months(self) -> Iterator[Period]:
        """The calendar months that the period touches, cut to its ends."""
        start = self.first
        while start <= self.last:
            end = min(month_end(start), self.last)
            yield Period(start, end)
            start = end + timedelta(days=1)

    def before(self) -> Period:
        """The period of equal kind just before this one."""
        if self.first.day == 1 and self.last == month_end(self.last):
            span = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
            return Period(add_months(self.first, -span), self.first - timedelta(days=1))
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


def month(year: int, number: int) -> Period:
    first = date(year, number, 1)
    return Period(first, month_end(first))


def quarter(year: int, number: int) -> Period:
    if not 1 <= number <= 4:
        raise LedgerError(f"a year has quarters 1 to 4, not {number}")
    first = date(year, 3 * number - 2, 1)
    return Period(first, month_end(add_months(first, 2)))


def parse_period(text: str) -> Period:
    """Read ``2026``, ``2026-Q2``, ``2026-03`` or ``2026-03-01..2026-03-15``."""
    try:
        if ".." in text:
            first, last = text.split("..")
            return Period(date.fromisoformat(first), date.fromisoformat(last))
        if len(text) == 4:
            return Period(date(int(text), 1, 1), date(int(text), 12, 31))
        if "Q" in text:
            year, number = text.split("-Q")
            return quarter(int(year), int(number))
        year, number = text.split("-")
        return month(int(year), int(number))
    except ValueError:
        raise LedgerError(f"not a period: {text!r}") from None


class FiscalCalendar:
    """Knows where fiscal years begin and up to which day the books are closed."""

    def __init__(self, first_month: int = 1) -> None:
        if not 1 <= first_month <= 12:
            raise LedgerError(f"a fiscal year starts in month 1 to 12, not {first_month}")
        self.first_month = first_month
        self._closed_until: date | None = None
        self._reopened: set[Period] = set()

    def year_of(self, day: date) -> Period:
        """The fiscal year that holds a day."""
        start_year = day.year if day.month >= self.first_month else day.year - 1
        first = date(start_year, self.first_month, 1)
        return Period(first, add_months(first, 12) - timedelta(days=1))

    @property
    def closed_until(self) -> date | None:
        return self._closed_until

    def close(self, period: Period) -> None:
        """Close everything up to the end of the period; closing never moves backwards."""
        if self._closed_until is not None and period.last <= self._closed_until:
            raise PeriodClosed(f"{period.label} is closed already")
        self._closed_until = period.last
        self._reopened = {p for p in self._reopened if p.last > period.last}

    def reopen(self, period: Period) -> None:
        """Let entries into one closed period again, without opening later ones."""
        if self._closed_until is None or period.first > self._closed_until:
            raise LedgerError(f"{period.label} is not closed")
        self._reopened.add(period)

    def is_open(self, day: date) -> bool:
        if self._closed_until is None or day > self._closed_until:
            return True
        return any(day in period for period in self._reopened)

    def require_open(self, day: date) -> None:
        if not self.is_open(day):
            raise PeriodClosed(f"{day.isoformat()} lies in a closed period")

    def first_open_day(self, day: date) -> date:
        """``day`` itself when open, else the day after the closed stretch."""
        if self.is_open(day) or self._closed_until is None:
            return day
        return self._closed_until + timedelta(days=1)
