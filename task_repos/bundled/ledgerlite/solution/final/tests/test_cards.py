"""Card payments."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.errors import LimitExceeded
from ledgerlite.fees import CLEARING, settle_cards, take_card

DAY = date(2026, 3, 2)


def test_what_is_taken_can_be_settled_once(book: Book) -> None:
    take_card(book, day=DAY, amount=Decimal(20))
    settle_cards(book, day=DAY, amount=Decimal(20))
    assert (book.balance(CLEARING), book.balance("1020")) == (0, 20)
    with pytest.raises(LimitExceeded):
        settle_cards(book, day=DAY, amount=Decimal(1))
