# keeper: north-desk
"""Service charges: entered into the book, and collected by the bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledgerlite.bankfile import fee_field
from ledgerlite.book import Book
from ledgerlite.entries import Receipt
from ledgerlite.errors import InvalidAmount
from ledgerlite.money import percent, round_fee

CREDITOR = "DE71ZZZ00000460822"
INCOME = "4900"
RECEIVABLE = "1100"


def service_charge(book: Book, *, day: date, amount: Decimal, rate: Decimal, customer: str) -> Receipt:
    """Enter a charge of ``rate`` percent; raises InvalidAmount unless the amount is positive."""
    charge = round_fee(_charge(amount, rate))
    return book.record_transfer(charge, source=INCOME, target=RECEIVABLE, on=day, note=f"Service charge {customer}")


def collection_line(reference: str, *, amount: Decimal, rate: Decimal) -> str:
    """The line by which the bank collects a charge; it is rounded the bank's way."""
    return f"COL;{CREDITOR};{reference};{fee_field(_charge(amount, rate))}"


def _charge(amount: Decimal, rate: Decimal) -> Decimal:
    if amount <= 0:
        raise InvalidAmount(f"a charge needs a positive amount, found {amount}")
    return percent(amount, rate)
