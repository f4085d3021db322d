"""Currencies, their minor units, and dated exchange rates."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.errors import CurrencyMismatch, InvalidAmount, MissingRate
from ledgerlite.money import round_money

MINOR_UNITS: dict[str, int] = {
    "EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "NOK": 2, "DKK": 2, "PLN": 2, "CZK": 2,
    "HUF": 2, "CAD": 2, "AUD": 2, "JPY": 0, "KRW": 0, "ISK": 0, "BHD": 3, "KWD": 3, "TND": 3,
}


def minor_units(code: str) -> int:
    """Decimal places of a currency; raises CurrencyMismatch for one we do not know."""
    try:
        return MINOR_UNITS[code]
    except KeyError:
        raise CurrencyMismatch(f"unknown currency {code!r}") from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency; arithmetic refuses to mix currencies."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        places = minor_units(self.currency)
        object.__setattr__(self, "amount", round_money(self.amount, places))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def times(self, factor: Decimal | int) -> Money:
        """The amount multiplied and rounded to the minor unit."""
        return Money(self.amount * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


class RateTable:
    """Exchange rates against one home currency, by date; a rate holds until the next one."""

    def __init__(self, home: str) -> None:
        minor_units(home)
        self.home = home
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Decimal]] = {}

    def add(self, currency: str, day: date, rate: Decimal) -> None:
        """One unit of ``currency`` costs ``rate`` units of home from ``day`` on."""
        if rate <= 0:
            raise InvalidAmount(f"a rate must be positive, found {rate}")
        days = self._days.setdefault(currency, [])
        rates = self._rates.setdefault(currency, [])
        at = bisect.bisect_left(days, day)
        if at < len(days) and days[at] == day:
            rates[at] = rate
            return
        days.insert(at, day)
        rates.insert(at, rate)

    def load(self, rows: Iterable[tuple[str, date, Decimal]]) -> int:
        """Add many (currency, day, rate) rows; returns how many."""
        count = 0
        for currency, day, rate in rows:
            self.add(currency, day, rate)
            count += 1
        return count

    def rate(self, currency: str, day: date) -> Decimal:
        """The rate in force on a day; raises MissingRate when none is known by then."""
        if currency == self.home:
            return Decimal(1)
        days = self._days.get(currency, [])
        at = bisect.bisect_right(days, day)
        if at == 0:
            raise MissingRate(f"no {currency} rate on or before {day.isoformat()}")
        return self._rates[currency][at - 1]

    def to_home(self, money: Money, day: date) -> Money:
        """Convert into the home currency at the rate of a day."""
        return Money(money.amount * self.rate(money.currency, day), self.home)

    def convert(self, money: Money, target: str, day: date) -> Money:
        """Convert between any two currencies, through home, rounding once at the end."""
        if money.currency == target:
            return money
        in_home = money.amount * self.rate(money.currency, day)
        return Money(in_home / self.rate(target, day), target)
