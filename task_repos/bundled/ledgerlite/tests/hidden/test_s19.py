"""Service charges in the book and at the bank."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book

DAY = date(2026, 3, 2)


def test_charges_in_the_book_round_as_fees() -> None:
    """2.5 % of 5.40 are 0.135, and 0.13 there."""
    from ledgerlite.service import service_charge

    book = Book()
    receipt = service_charge(book, day=DAY, amount=Decimal("5.40"), rate=Decimal("2.5"), customer="Ostrander")
    assert (receipt.number, receipt.on, receipt.total) == (1, DAY, Decimal("0.13"))
    assert (book.balance("1100"), book.balance("4900")) == (Decimal("0.13"), Decimal("-0.13"))
    assert book.entry(1).memo == "Service charge Ostrander"


def test_collection_lines_round_the_banks_way() -> None:
    """0.135 is 0.14 there, 0.125 is 0.13, and a hundredth of a cent is one more."""
    from ledgerlite.service import collection_line

    assert collection_line("R", amount=Decimal("5.40"), rate=Decimal("2.5")).endswith(";0.14")
    line = collection_line("R-17", amount=Decimal("5.00"), rate=Decimal("2.5"))
    assert line.split(";")[2:] == ["R-17", "0.13"]
    assert collection_line("R", amount=Decimal("100.01"), rate=Decimal(1)).split(";")[3] == "1.01"


def test_collection_lines_name_the_creditor() -> None:
    """By the identifier that the bank gave."""
    from ledgerlite.service import collection_line

    assert collection_line("R", amount=Decimal(100), rate=Decimal(1)) == "COL;DE71ZZZ00000460822;R;1.00"


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_nothing_is_charged_on_nothing(amount: str) -> None:
    """InvalidAmount in both."""
    from ledgerlite.errors import InvalidAmount
    from ledgerlite.service import collection_line, service_charge

    book = Book()
    with pytest.raises(InvalidAmount):
        service_charge(book, day=DAY, amount=Decimal(amount), rate=Decimal(1), customer="x")
    with pytest.raises(InvalidAmount):
        collection_line("R", amount=Decimal(amount), rate=Decimal(1))
    assert len(book) == 0
