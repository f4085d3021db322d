"""Invoices as documents: lines, totals by tax code, numbering, text rendering."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import HUNDRED, ZERO, format_amount, percent, round_money, total
from ledgerlite.tax import TaxTable


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One position at net price; the discount is in percent."""

    text: str
    quantity: Decimal
    price: Decimal
    tax: str = "standard"
    discount: Decimal = ZERO
    income: str = "4000"

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise InvalidAmount(f"{self.text}: quantity must be positive")
        if not 0 <= self.discount < HUNDRED:
            raise InvalidAmount(f"{self.text}: discount must be from 0 up to 100 percent")

    @property
    def net(self) -> Decimal:
        gross_price = self.quantity * self.price
        return round_money(gross_price - percent(gross_price, self.discount))


@dataclass(frozen=True, slots=True)
class Invoice:
    """A numbered document; the number also is the reference of its entry."""

    number: str
    customer: str
    day: date
    lines: tuple[InvoiceLine, ...]
    terms: int = 14

    def __post_init__(self) -> None:
        if not self.lines:
            raise LedgerError(f"invoice {self.number} has no lines")

    @property
    def due(self) -> date:
        return self.day + timedelta(days=self.terms)

    @property
    def net(self) -> Decimal:
        return total(line.net for line in self.lines)

    def tax_by_code(self, table: TaxTable) -> dict[str, Decimal]:
        """Tax per code, computed on the sum of its lines so that rounding happens once."""
        nets: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            nets[line.tax] += line.net
        return {name: table.on(name, self.day).tax_on_net(net) for name, net in sorted(nets.items())}

    def gross(self, table: TaxTable) -> Decimal:
        return self.net + total(self.tax_by_code(table).values())

    def income_by_account(self) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in self.lines:
            sums[line.income] += line.net
        return dict(sorted(sums.items()))


class Numbering:
    """Document numbers without gaps, by year: ``2026-0001``, ``2026-0002`` and so on."""

    def __init__(self, prefix: str = "", width: int = 4) -> None:
        self.prefix = prefix
        self.width = width
        self._last: dict[int, int] = {}

    def next(self, day: date) -> str:
        self._last[day.year] = self._last.get(day.year, 0) + 1
        return f"{self.prefix}{day.year}-{self._last[day.year]:0{self.width}d}"

    def resume(self, number: str) -> None:
        """Go on after a number that is known to be used."""
        year, last = number.removeprefix(self.prefix).split("-")
        self._last[int(year)] = max(self._last.get(int(year), 0), int(last))


def render(invoice: Invoice, table: TaxTable, width: int = 64) -> str:
    """The invoice as plain text."""
    rows = [
        f"Invoice {invoice.number}".ljust(width - 10) + invoice.day.isoformat(),
        f"To: {invoice.customer}",
        "-" * width,
    ]
    for line in invoice.lines:
        left = f"{line.quantity.normalize():f} x {line.text}"
        if line.discount:
            left += f" (-{line.discount.normalize():f}%)"
        rows.append(_row(left, line.net, width))
    rows.append("-" * width)
    rows.append(_row("Net", invoice.net, width))
    for name, tax in invoice.tax_by_code(table).items():
        rate = table.on(name, invoice.day).rate
        rows.append(_row(f"Tax {rate.normalize():f}%", tax, width))
    rows.append(_row("Total", invoice.gross(table), width))
    rows.append(f"Payable until {invoice.due.isoformat()}")
    return "\n".join(rows) + "\n"


def _row(left: str, amount: Decimal, width: int) -> str:
    figure = format_amount(amount)
    return left[: width - len(figure) - 1].ljust(width - len(figure)) + figure
