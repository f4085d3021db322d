"""Stock on hand, first in first out, with the cost of what is sold."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import ZERO, round_money, total

STOCK = "1200"
COGS = "5000"
DIFFERENCES = "6800"


@dataclass(slots=True)
class Lot:
    """Units bought together; ``value`` is what the remaining units cost in all."""

    day: date
    units: int
    value: Decimal

    def take(self, wanted: int) -> tuple[int, Decimal]:
        """Remove up to ``wanted`` units; returns units and cost, the last one takes the rest."""
        units = min(wanted, self.units)
        cost = self.value if units == self.units else round_money(self.value * units / self.units)
        self.units -= units
        self.value -= cost
        return units, cost


class Stock:
    """Items by name, each a queue of lots, mirrored in the book's inventory account."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._lots: dict[str, deque[Lot]] = {}

    def on_hand(self, item: str) -> int:
        return sum(lot.units for lot in self._lots.get(item, ()))

    def value(self, item: str | None = None) -> Decimal:
        """Cost of one item on hand, or of everything."""
        names = [item] if item is not None else list(self._lots)
        return total(lot.value for name in names for lot in self._lots.get(name, ()))

    def buy(self, day: date, item: str, units: int, cost: Decimal, against: str = "2000") -> int:
        """Units come in at a total cost; returns the entry number."""
        if units <= 0:
            raise InvalidAmount("buy at least one unit")
        number = self.book.record_transfer(
            cost, source=against, target=STOCK, on=day, note=f"Bought {units} x {item}"
        ).number
        self._lots.setdefault(item, deque()).append(Lot(day, units, cost))
        return number

    def sell(self, day: date, item: str, units: int, ref: str | None = None) -> int:
        """Units go out at the cost of the oldest ones; returns the entry number.

        Raises LedgerError when fewer units are on hand, and nothing is changed then.
        """
        cost = self._take(item, units)
        return self.book.record_transfer(
            cost, source=STOCK, target=COGS, on=day, note=f"Sold {units} x {item}", reference=ref
        ).number

    def sell_many(self, day: date, basket: dict[str, int], memo: str = "") -> int:
        """One collective entry for a day's sales; all or nothing."""
        short = [item for item, units in basket.items() if self.on_hand(item) < units]
        if short:
            raise LedgerError("not enough on hand: " + ", ".join(sorted(short)))
        cost = total(self._take(item, units) for item, units in sorted(basket.items()))
        return self.book.record_entry(
            [(COGS, cost), (STOCK, -cost)], on=day, note=memo or "Sales of the day"
        ).number

    def give_back(self, day: date, item: str, units: int, cost: Decimal) -> int:
        """A customer returns units; they come back as the oldest lot at the given cost."""
        number = self.book.record_transfer(
            cost, source=COGS, target=STOCK, on=day, note=f"Returned {item}"
        ).number
        self._lots.setdefault(item, deque()).appendleft(Lot(day, units, cost))
        return number

    def count(self, day: date, counted: dict[str, int]) -> int | None:
        """Take over a physical count; differences are booked in one entry.

        Missing units leave at cost, surplus units enter at the average cost on hand
        (at no value when none is left).  Returns None when everything was right.
        """
        difference = ZERO
        for item, units in sorted(counted.items()):
            present = self.on_hand(item)
            if units < present:
                difference -= self._take(item, present - units)
            elif units > present:
                surplus = units - present
                each = self.value(item) / present if present else ZERO
                value = round_money(each * surplus)
                self._lots.setdefault(item, deque()).append(Lot(day, surplus, value))
                difference += value
        if difference == 0:
            return None
        legs = [(STOCK, difference), (DIFFERENCES, -difference)]
        return self.book.record_entry(
            legs, on=day, note="Stock count", reference=f"count:{day.isoformat()}"
        ).number

    def write_down(self, day: date, item: str, value: Decimal) -> int:
        """Lower the value of an item on hand, spread over its lots by units."""
        before = self.value(item)
        loss = before - value
        if loss <= 0 or value < 0:
            raise InvalidAmount(f"{item} is carried at {before}; a write-down must lower that")
        units = self.on_hand(item)
        left = value
        lots = self._lots[item]
        for position, lot in enumerate(lots):
            last = position == len(lots) - 1
            lot.value = left if last else round_money(value * lot.units / units)
            left -= lot.value
        return self.book.record_transfer(
            loss, source=STOCK, target=DIFFERENCES, on=day, note=f"Write-down {item}"
        ).number

    def _take(self, item: str, units: int) -> Decimal:
        if units <= 0:
            raise InvalidAmount("take at least one unit")
        if self.on_hand(item) < units:
            raise LedgerError(f"not enough on hand: {item}")
        lots, cost = self._lots[item], ZERO
        while units:
            taken, part = lots[0].take(units)
            units -= taken
            cost += part
            if lots[0].units == 0:
                lots.popleft()
        return cost
