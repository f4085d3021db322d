"""Fees over cost centres."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.errors import InvalidAmount
from ledgerlite.fees import shared_fee

DAY = date(2026, 3, 2)


def test_nothing_is_lost(book: Book) -> None:
    shared_fee(book, day=DAY, amount=Decimal("10.00"), accounts=["6300", "6200", "6900"])
    assert [entry.total for entry in book] == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


def test_something_must_be_shared(book: Book) -> None:
    with pytest.raises(InvalidAmount):
        shared_fee(book, day=DAY, amount=Decimal(1), accounts=[])
