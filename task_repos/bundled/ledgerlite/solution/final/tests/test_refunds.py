"""Fees that come back."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.errors import NotAFee
from ledgerlite.fees import card_fee, refund_fee

DAY = date(2026, 3, 2)


def test_fees_come_back_and_others_do_not(book: Book) -> None:
    number = card_fee(book, day=DAY, amount=Decimal(100), rate=Decimal(2))
    receipt = refund_fee(book, number=number, day=DAY)
    assert (receipt.number, book.balance("6300")) == (2, 0)
    other = book.record_transfer(1, source="1020", target="6100", on=DAY)
    with pytest.raises(NotAFee):
        refund_fee(book, number=other.number, day=DAY)
