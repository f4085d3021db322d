"""What the worker wrote himself enters by the new API, too."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal

from ledgerlite import Book

DAY = date(2026, 3, 2)


def test_fees_give_no_warning_and_the_same_results() -> None:
    """Numbers as before, with warnings as errors."""
    from ledgerlite.fees import card_fee, shared_fee

    book = Book()
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        assert card_fee(book, day=DAY, amount=Decimal(100), rate=Decimal(2)) == 1
        assert shared_fee(book, day=DAY, amount=Decimal(3), accounts=["6200", "6300"]) == [2, 3]
    assert [type(number) for number in (1, *shared_fee(book, day=DAY, amount=Decimal(1), accounts=["6200"]))] == [int, int]
    assert book.balance("1020") == Decimal("-6.00")
