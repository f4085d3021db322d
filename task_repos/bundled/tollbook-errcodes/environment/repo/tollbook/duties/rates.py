"""Rates of duty: those of the book, and those that differ by the country of origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tollbook.errors import DutyError
from tollbook.goods.lines import GoodsLine
from tollbook.goods.origin import factor
from tollbook.goods.tariffs import TariffBook


@dataclass(frozen=True)
class Special:
    """An additional or suspended rate for goods of a heading from a country, within a span of days.

    A `rate` of None means that nothing may be charged and nothing let in: there is no rate.
    """

    heading: str
    country: str
    rate: Decimal | None
    first: date
    last: date

    def holds(self, line: GoodsLine, day: date) -> bool:
        """Whether it is the one for goods on a day."""
        number = line.tariff.replace(".", "")
        return number.startswith(self.heading) and line.origin == self.country and self.first <= day <= self.last


class Rates:
    """The rate of duty for any goods line that has its tariff."""

    def __init__(self, book: TariffBook, specials: tuple[Special, ...] = ()) -> None:
        self._book = book
        self._specials = specials

    def rate(self, line: GoodsLine, day: date) -> Decimal:
        """Per cent of the value, special rates and proofs of origin minded."""
        special = self._special(line, day)
        if special is not None and special.rate is None:
            raise DutyError(f"no rate for {line.tariff} from {line.origin} on {day}")
        usual = self._book.find(line.tariff, day).rate
        rate = usual if special is None else special.rate or Decimal(0)
        return rate * factor(line, day)

    def _special(self, line: GoodsLine, day: date) -> Special | None:
        holding = [each for each in self._specials if each.holds(line, day)]
        return max(holding, key=lambda each: len(each.heading), default=None)

    def spread(self, lines: list[GoodsLine], day: date) -> dict[str, Decimal]:
        """The rates of several goods lines by their tariffs."""
        return {line.tariff: self.rate(line, day) for line in lines}
