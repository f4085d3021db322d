"""Fees."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.errors import InvalidAmount, LimitExceeded
from ledgerlite.fees import card_fee

DAY = date(2026, 3, 2)


def test_card_fees_are_rounded_and_entered(book: Book) -> None:
    number = card_fee(book, day=DAY, amount=Decimal(5), rate=Decimal("2.5"))
    assert book.entry(number).amount_for("6300") == Decimal("0.12")


def test_card_fees_have_bounds(book: Book) -> None:
    with pytest.raises(InvalidAmount):
        card_fee(book, day=DAY, amount=Decimal(0), rate=Decimal(1))
    with pytest.raises(LimitExceeded):
        card_fee(book, day=DAY, amount=Decimal(10001), rate=Decimal(1))
    assert len(book) == 0
