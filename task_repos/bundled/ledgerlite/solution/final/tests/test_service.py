"""Service charges at both sides."""

from datetime import date
from decimal import Decimal

from ledgerlite import Book
from ledgerlite.service import collection_line, service_charge


def test_book_and_bank_round_each_their_way(book: Book) -> None:
    receipt = service_charge(book, day=date(2026, 3, 2), amount=Decimal(5), rate=Decimal("2.5"), customer="Roe")
    assert receipt.total == Decimal("0.12")
    assert collection_line("R", amount=Decimal(5), rate=Decimal("2.5")).endswith(";R;0.13")
