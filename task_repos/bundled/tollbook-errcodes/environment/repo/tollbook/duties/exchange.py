"""Exchange rates as customs publish them: for a month, into the home currency."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tollbook.errors import ExchangeError
from tollbook.money import Amount

log = logging.getLogger("tollbook.exchange")


@dataclass(frozen=True)
class MonthRates:
    """`rates` say how much of the currency is worth one unit of the home currency."""

    month: str
    published: date
    rates: dict[str, Decimal]


class Exchange:
    """Rates of several months; the month of a day is asked for, or the latest before that is not too old."""

    def __init__(self, home: str, oldest: int = 31) -> None:
        self.home = home
        self._oldest = oldest
        self._months: dict[str, MonthRates] = {}

    def learn(self, text: str) -> MonthRates:
        """Take the rates of a month: a line `month published`, then lines `currency rate`."""
        head, *lines = [line.split() for line in text.splitlines() if line.strip()]
        month = MonthRates(head[0], date.fromisoformat(head[1]), {code: Decimal(rate) for code, rate in lines})
        self._months[month.month] = month
        log.info("W40 exchange rates for %s read, %s currencies", month.month, len(month.rates))
        return month

    def into_home(self, amount: Amount, day: date) -> Amount:
        """An amount in the home currency, by the rate of the day's month."""
        if amount.currency == self.home:
            return amount
        rate = self._rate(amount.currency, day)
        return Amount(amount.value / rate, self.home).times(1)

    def _rate(self, currency: str, day: date) -> Decimal:
        month = f"{day:%Y-%m}"
        if month in self._months and currency in self._months[month].rates:
            return self._months[month].rates[currency]
        return self._older(currency, day, month)

    def _older(self, currency: str, day: date, month: str) -> Decimal:
        before = [each for each in self._months.values() if each.month < month and currency in each.rates]
        if not before:
            raise ExchangeError(f"no exchange rate from {currency} to {self.home} for {month}")
        latest = max(before, key=lambda each: each.published)
        age = (day - latest.published).days
        if age > self._oldest:
            raise ExchangeError(
                "exchange rate of {} is {} days old, at most {} are allowed".format(currency, age, self._oldest), 403
            )
        return latest.rates[currency]
