"""Amounts of money: a decimal number with a currency, rounded to cents, half away from zero."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_AMOUNT = re.compile(r"(-?\d+(?:\.\d{1,4})?)\s+([A-Z]{3})")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Amount:
    """`value` in units of `currency`."""

    value: Decimal
    currency: str

    def __add__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.value + other.value, self.currency)

    def __sub__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.value - other.value, self.currency)

    def __lt__(self, other: Amount) -> bool:
        self._same(other)
        return self.value < other.value

    def __str__(self) -> str:
        return f"{self.value:.2f} {self.currency}"

    def times(self, factor: Decimal | int | str) -> Amount:
        """The product, rounded to cents."""
        return Amount((self.value * Decimal(factor)).quantize(_CENT, ROUND_HALF_UP), self.currency)

    def per_cent(self, rate: Decimal) -> Amount:
        """That many hundredths, rounded to cents."""
        return self.times(rate / 100)

    def _same(self, other: Amount) -> None:
        if self.currency != other.currency:
            raise ValueError("amounts of {} and {} can not be put together".format(self.currency, other.currency))


def parse(text: str) -> Amount:
    """An amount such as `12.50 EUR`."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError("not an amount: %r" % text)
    return Amount(Decimal(found[1]).quantize(_CENT, ROUND_HALF_UP), found[2])


def zero(currency: str) -> Amount:
    """Nothing, in a currency."""
    return Amount(Decimal("0.00"), currency)


def total(amounts: list[Amount], currency: str) -> Amount:
    """The sum of amounts that are all in one currency."""
    result = zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def share(amount: Amount, weights: list[Decimal]) -> list[Amount]:
    """An amount split by weights so that the parts add up: the last one takes what rounding leaves."""
    whole = sum(weights, Decimal(0))
    if not weights or whole == 0:
        return []
    parts = [amount.times(weight / whole) for weight in weights[:-1]]
    return [*parts, amount - total(parts, amount.currency)]
