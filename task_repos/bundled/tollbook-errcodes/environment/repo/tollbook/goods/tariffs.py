"""The tariff book of a year: numbers of eight digits, what they cover and what duty is due."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from tollbook.errors import ClosedHeading, TariffBookError, TariffNumberError, UnknownTariff

log = logging.getLogger("tollbook.tariffs")

DIGITS = 8
COLUMNS = ("tariff", "text", "rate", "until", "closed")


@dataclass(frozen=True)
class Tariff:
    """`rate` in per cent of the value; `until` is the last day of its use, None without an end."""

    number: str
    text: str
    rate: Decimal
    until: date | None = None
    closed: frozenset[str] = frozenset()

    @property
    def heading(self) -> str:
        return self.number[:4]

    @property
    def words(self) -> frozenset[str]:
        """What it covers, as single words in lower case."""
        return frozenset(word.strip(",;()").lower() for word in self.text.split())


def check_number(text: str) -> str:
    """A tariff number without dots and spaces."""
    number = text.replace(".", "").replace(" ", "")
    digits = sum(sign.isdigit() for sign in number)
    if digits != DIGITS or len(number) != DIGITS:
        raise TariffNumberError(f"tariff {text!r} has {digits} digits, not {DIGITS}")
    return number


class TariffBook:
    """The tariffs of a year by their numbers."""

    def __init__(self, year: int, tariffs: dict[str, Tariff]) -> None:
        self.year = year
        self._tariffs = tariffs

    def __len__(self) -> int:
        return len(self._tariffs)

    def __iter__(self) -> Iterator[Tariff]:
        return iter(self._tariffs.values())

    def find(self, text: str, day: date) -> Tariff:
        """The tariff of a number that holds on a day."""
        number = check_number(text)
        if day.year != self.year:
            log.warning("W20 tariff book of %s is used for %s", self.year, day)
        tariff = self._tariffs.get(number)
        if tariff is None:
            raise UnknownTariff("tariff %s is not in the book of %s" % (number, self.year))
        if tariff.until is not None and tariff.until < day:
            raise UnknownTariff(f"tariff {number} expired on {tariff.until}", 213)
        return tariff

    def open_for(self, tariff: Tariff, country: str) -> Tariff:
        """The tariff itself, unless its heading is closed for a country."""
        if country in tariff.closed:
            raise ClosedHeading("heading {} is closed for {}".format(tariff.heading, country))
        return tariff

    def under(self, heading: str) -> list[Tariff]:
        """All tariffs of a heading, in the order of their numbers."""
        return sorted((each for each in self if each.heading == heading), key=lambda each: each.number)


def read_book(text: str, year: int) -> TariffBook:
    """A book from lines of five columns separated by semicolons, the first line being the heads."""
    tariffs: dict[str, Tariff] = {}
    seen: dict[str, int] = {}
    for line, row in enumerate(csv.reader(io.StringIO(text), delimiter=";"), start=1):
        if line == 1 or not row:
            continue
        tariff = _tariff(line, row)
        if tariff.number in seen:
            raise TariffBookError(
                f"tariff {tariff.number} appears twice, in lines {seen[tariff.number]} and {line}", 204
            )
        seen[tariff.number] = line
        tariffs[tariff.number] = tariff
    return TariffBook(year, tariffs)


def _tariff(line: int, row: list[str]) -> Tariff:
    if len(row) != len(COLUMNS):
        raise TariffBookError("tariff book line %s: %s columns instead of %s" % (line, len(row), len(COLUMNS)))
    number, text, rate, until, closed = (cell.strip() for cell in row)
    try:
        percentage = Decimal(rate)
    except InvalidOperation:
        raise TariffBookError(f"tariff book line {line}: rate {rate!r} is no percentage", 203) from None
    last = date.fromisoformat(until) if until else None
    return Tariff(check_number(number), text, percentage, last, frozenset(closed.split()))
