"""A consignment and what can be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tollbook.goods.lines import GoodsLine
from tollbook.money import Amount, total, zero


@dataclass(frozen=True)
class Consignment:
    """`sender` and `receiver` are keys of traders; `invoice` is what the sender's invoice comes to."""

    number: str
    day: date
    sender: str
    receiver: str
    start: str
    goal: str
    invoice: Amount
    lines: tuple[GoodsLine, ...] = ()
    relief: str = ""

    @property
    def value(self) -> Amount:
        """The sum of the goods lines, in the currency of the invoice."""
        return total([line.value for line in self.lines], self.invoice.currency)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return sum((line.gross for line in self.lines), Decimal(0))

    def with_lines(self, lines: list[GoodsLine]) -> Consignment:
        """The same consignment of other goods lines."""
        return replace(self, lines=tuple(lines))

    def by_origin(self) -> dict[str, Amount]:
        """What goods of each country are worth."""
        found: dict[str, Amount] = {}
        for line in self.lines:
            found[line.origin] = found.get(line.origin, zero(self.invoice.currency)) + line.value
        return found

    def by_heading(self) -> dict[str, list[GoodsLine]]:
        """Goods lines by the first four digits of their tariffs, those without one left out."""
        found: dict[str, list[GoodsLine]] = {}
        for line in self.lines:
            if line.tariff:
                found.setdefault(line.tariff.replace(".", "")[:4], []).append(line)
        return found
