"""Shared fees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book

DAY = date(2026, 3, 2)


def test_shares_add_up_and_the_first_take_the_odd_cents() -> None:
    """10.00 over three accounts, each by an entry of its own."""
    from ledgerlite.fees import shared_fee

    book = Book()
    numbers = shared_fee(book, day=DAY, amount=Decimal("10.01"), accounts=["6300", "6200", "6900"], bank="1010")
    assert numbers == [1, 2, 3]
    assert [book.balance(code) for code in ("6300", "6200", "6900", "1010")] == [Decimal(t) for t in ("3.34", "3.34", "3.33", "-10.01")]
    assert all(entry.memo.startswith("Shared fee") and entry.date == DAY for entry in book)


def test_a_share_of_nothing_gets_no_entry() -> None:
    """One cent over three."""
    from ledgerlite.fees import shared_fee

    book = Book()
    assert shared_fee(book, day=DAY, amount=Decimal("0.01"), accounts=["6300", "6200", "6900"]) == [1]
    assert book.balance("1020") == Decimal("-0.01")


@pytest.mark.parametrize(("amount", "accounts"), [("0", ["6300"]), ("-1", ["6300"]), ("5", [])])
def test_nothing_to_share_is_refused(amount: str, accounts: list[str]) -> None:
    """InvalidAmount, and no entry."""
    from ledgerlite.errors import InvalidAmount
    from ledgerlite.fees import shared_fee

    book = Book()
    with pytest.raises(InvalidAmount):
        shared_fee(book, day=DAY, amount=Decimal(amount), accounts=accounts)
    assert len(book) == 0
