"""Entries from one line of text, shared bills, and a book that never says no to an account."""

from __future__ import annotations

import re
from datetime import date as Date
from decimal import ROUND_CEILING, Decimal

from ledgerlite.accounts import Kind
from ledgerlite.book import Book
from ledgerlite.entries import Receipt
from ledgerlite.errors import LedgerError
from ledgerlite.money import coerce, round_money

Loose = Decimal | int | str | float

_QUICK = re.compile(r"(?P<memo>.+?)\s+(?P<amount>\d+(?:[.,]\d{1,2})?)(?:\s+(?P<account>\w+))?\s*$")


def quick(book: Book, day: Date, text: str, default: str = "6200", bank: str = "1020") -> int:
    """Enter ``"Coffee beans 12.50"`` or ``"Train 48 6900"`` as an expense paid by bank."""
    match = _QUICK.match(text.strip())
    if match is None:
        raise LedgerError(f"not understood: {text!r}")
    amount = Decimal(match["amount"].replace(",", "."))
    target = match["account"] or default
    return book.record_transfer(amount, source=bank, target=target, on=day, note=match["memo"]).number


def split_bill(
    book: Book, day: Date, total: Loose, accounts: list[str], bank: str = "1020", memo: str = "Shared bill"
) -> list[int]:
    """Share a bill over accounts, one entry each; the last one takes the rest."""
    whole = coerce(total)
    share = round_money(whole / len(accounts))
    rest = round_money(whole - share * (len(accounts) - 1))
    parts = [share] * (len(accounts) - 1) + [rest]
    return [
        book.record_transfer(part, source=bank, target=account, on=day, note=memo).number
        for account, part in zip(accounts, parts, strict=True)
    ]


def with_tip(book: Book, day: Date, bill: Loose, percent: Loose, bank: str = "1020") -> int:
    """Enter a restaurant bill with a tip in percent, rounded up to whole units."""
    exact = coerce(bill) * (1 + coerce(percent) / 100)
    total = exact.to_integral_value(rounding=ROUND_CEILING)
    return book.record_entry([("6900", total), (bank, -total)], on=day, note="Restaurant").number


def mileage(book: Book, day: Date, kilometres: Loose, rate: Loose = Decimal("0.30")) -> int:
    """Enter travel cost by distance against capital, as sole traders do."""
    cost = round_money(coerce(kilometres) * coerce(rate))
    note = f"{coerce(kilometres).normalize():f} km"
    return book.record_transfer(cost, source="3000", target="6900", on=day, note=note).number


class ForgivingBook(Book):
    """Opens accounts that the chart lacks as suspense children instead of refusing them."""

    def record_transfer(
        self,
        amount: Decimal | int,
        *,
        source: str,
        target: str,
        on: Date,
        note: str = "",
        reference: str | None = None,
    ) -> Receipt:
        for code in (target, source):
            if code not in self.chart:
                self.chart.open(code, f"Unknown {code}", Kind.ASSET)
        return super().record_transfer(
            amount, source=source, target=target, on=on, note=note, reference=reference
        )
