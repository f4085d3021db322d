"""Card fees."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book

DAY = date(2026, 3, 2)


def test_card_fees_are_entered_and_rounded_as_fees() -> None:
    """1.9 % of 2.50 are 0.0475; 2.5 % of 5.40 are 0.135 and so 0.13."""
    from ledgerlite.fees import card_fee

    book = Book()
    assert card_fee(book, day=DAY, amount=Decimal("2.50"), rate=Decimal("1.9")) == 1
    assert card_fee(book, day=DAY, amount=Decimal("5.40"), rate=Decimal("2.5"), bank="1010") == 2
    first, second = book.entry(1), book.entry(2)
    assert (first.date, first.amount_for("6300"), first.amount_for("1020")) == (DAY, Decimal("0.05"), Decimal("-0.05"))
    assert (second.amount_for("6300"), second.amount_for("1010")) == (Decimal("0.13"), Decimal("-0.13"))
    assert first.memo.startswith("Card fee")


@pytest.mark.parametrize(("amount", "rate", "error"), [("0", "2", "InvalidAmount"), ("-5", "2", "InvalidAmount"), ("10001", "1", "LimitExceeded")])
def test_refusals_enter_nothing(amount: str, rate: str, error: str) -> None:
    """Nothing to compute from, and too much."""
    from ledgerlite import errors
    from ledgerlite.fees import card_fee

    book = Book()
    with pytest.raises(getattr(errors, error)):
        card_fee(book, day=DAY, amount=Decimal(amount), rate=Decimal(rate))
    assert len(book) == 0


def test_the_limit_itself_is_fine() -> None:
    """A fee of 100.00 is entered."""
    from ledgerlite.fees import card_fee

    book = Book()
    card_fee(book, day=DAY, amount=Decimal(10000), rate=Decimal(1))
    assert book.balance("6300") == 100
