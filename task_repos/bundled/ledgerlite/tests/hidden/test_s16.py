"""Fees that are given back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book

DAY, LATER = date(2026, 3, 2), date(2026, 4, 1)


def test_a_refund_is_the_reversal() -> None:
    """On its day, with its note, as a receipt."""
    from ledgerlite import Receipt
    from ledgerlite.fees import card_fee, refund_fee

    book = Book()
    number = card_fee(book, day=DAY, amount=Decimal(100), rate=Decimal(2))
    receipt = refund_fee(book, number=number, day=LATER)
    assert receipt == Receipt(2, LATER, Decimal("2.00"), None)
    assert book.entry(2).reverses == 1
    assert book.entry(2).memo.startswith("Fee refunded")
    assert book.balance("6300") == 0


def test_other_entries_are_no_fees() -> None:
    """NotAFee is one of ours, and nothing is entered."""
    from ledgerlite.errors import LedgerError, NotAFee
    from ledgerlite.fees import refund_fee

    book = Book()
    book.record_transfer(Decimal(5), source="1020", target="6100", on=DAY)
    with pytest.raises(NotAFee):
        refund_fee(book, number=1, day=LATER)
    assert len(book) == 1
    assert issubclass(NotAFee, LedgerError)
    assert NotAFee.__module__ == "ledgerlite.errors"
