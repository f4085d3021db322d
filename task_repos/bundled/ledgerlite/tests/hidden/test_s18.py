"""Card payments over their clearing account."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book, Kind, small_business_chart

DAY = date(2026, 3, 2)
CLEARING = "1947"


def test_takings_lie_on_the_clearing_account() -> None:
    """It is opened once, as an asset, in the book's chart alone."""
    from ledgerlite.fees import take_card

    book = Book()
    first = take_card(book, day=DAY, amount=Decimal("20.00"))
    take_card(book, day=DAY, amount=Decimal("5.00"), income="4100")
    assert (first.number, first.total) == (1, Decimal("20.00"))
    assert (book.chart.get(CLEARING).kind, book.chart.get(CLEARING).name) == (Kind.ASSET, "Card clearing")
    assert [book.balance(code) for code in (CLEARING, "4000", "4100")] == [Decimal(25), Decimal(-20), Decimal(-5)]
    assert CLEARING not in small_business_chart()


def test_settling_moves_to_the_bank_what_is_there() -> None:
    """All of it, not more."""
    from ledgerlite.errors import LimitExceeded
    from ledgerlite.fees import settle_cards, take_card

    book = Book()
    take_card(book, day=DAY, amount=Decimal("20.00"))
    with pytest.raises(LimitExceeded):
        settle_cards(book, day=DAY, amount=Decimal("20.01"))
    receipt = settle_cards(book, day=DAY, amount=Decimal("20.00"), bank="1010")
    assert (receipt.number, book.balance("1010"), book.balance(CLEARING)) == (2, Decimal(20), Decimal(0))
