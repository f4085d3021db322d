"""Entries from one line of text, shared bills, and a book that never says no to an account."""

from __future__ import annotations

import re
from datetime import date as Date
from decimal import Decimal

from ledgerlite.accounts import Kind
from ledgerlite.book import Book
from ledgerlite.errors import LedgerError

_QUICK = re.compile(r"(?P<memo>.+?)\s+(?P<amount>\d+(?:[.,]\d{1,2})?)(?:\s+(?P<account>\w+))?\s*$")


def quick(book: Book, day: Date, text: str, default: str = "6200", bank: str = "1020") -> int:
    """Enter ``"Coffee beans 12.50"`` or ``"Train 48 6900"`` as an expense paid by bank."""
    match = _QUICK.match(text.strip())
    if match is None:
        raise LedgerError(f"not understood: {text!r}")
    amount = float(match["amount"].replace(",", "."))
    return book.post(day.isoformat(), match["account"] or default, bank, amount, match["memo"])


def split_bill(
    book: Book, day: Date, total: float, accounts: list[str], bank: str = "1020", memo: str = "Shared bill"
) -> list[int]:
    """Share a bill over accounts, one entry each; the last one takes the rest."""
    share = round(total / len(accounts), 2)
    numbers = []
    for account in accounts[:-1]:
        numbers.append(book.post(day, account, bank, share, memo))
    rest = round(total - share * (len(accounts) - 1), 2)
    numbers.append(book.post(debit=accounts[-1], credit=bank, amount=rest, date=day, memo=memo))
    return numbers


def with_tip(book: Book, day: Date, bill: float, percent: float, bank: str = "1020") -> int:
    """Enter a restaurant bill with a tip in percent, rounded up to whole units."""
    total = -int(-(bill * (1 + percent / 100)) // 1)
    legs = [("6900", Decimal(str(total))), (bank, Decimal(str(-total)))]
    return book.post_split(day.isoformat(), legs, memo="Restaurant")


def mileage(book: Book, day: Date, kilometres: float, rate: float = 0.30) -> int:
    """Enter travel cost by distance against capital, as sole traders do."""
    return book.post(day, "6900", "3000", round(kilometres * rate, 2), f"{kilometres:g} km")


class ForgivingBook(Book):
    """Opens accounts that the chart lacks as suspense children instead of refusing them."""

    def post(
        self,
        date: Date | str,
        debit: str,
        credit: str,
        amount: Decimal | int | str | float,
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        for code in (debit, credit):
            if code not in self.chart:
                self.chart.open(code, f"Unknown {code}", Kind.ASSET)
        return super().post(date, debit, credit, amount, memo, ref)
