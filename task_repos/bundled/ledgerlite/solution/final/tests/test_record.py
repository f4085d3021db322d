"""The record API and the deprecated names that lead to it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book, Draft, Receipt, record_all
from ledgerlite.errors import BatchRejected

DAY = date(2026, 1, 5)


def test_transfers_credit_the_source_and_debit_the_target(book: Book) -> None:
    receipt = book.record_transfer(Decimal("8.00"), source="1020", target="6100", on=DAY, reference="r")
    assert receipt == Receipt(1, DAY, Decimal("8.00"), "r")
    assert book.balance("6100") == Decimal("8.00")


@pytest.mark.parametrize("amount", [1.5, "1.50", True, None], ids=repr)
def test_transfers_take_exact_amounts_only(book: Book, amount: object) -> None:
    with pytest.raises(TypeError):
        book.record_transfer(amount, source="1020", target="6100", on=DAY)
    with pytest.raises(TypeError):
        book.record_entry([("6100", amount), ("1020", Decimal(-1))], on=DAY)
    with pytest.raises(TypeError):
        book.record_transfer(1, source="1020", target="6100", on="2026-01-05")


def test_entries_and_reversals_give_receipts(book: Book) -> None:
    first = book.record_entry([("6100", 5), ("1020", -5)], on=DAY, note="Rent")
    back = book.record_reversal(first.number, on=date(2026, 2, 1))
    assert (back.number, back.on, back.total) == (2, date(2026, 2, 1), Decimal(5))


def test_batches_stop_or_skip(book: Book) -> None:
    good = Draft.simple(DAY, "6100", "1020", Decimal("5.00"))
    bad = Draft.simple(DAY, "6100", "9999", Decimal("5.00"))
    with pytest.raises(BatchRejected):
        record_all(book, [good, bad])
    assert [receipt.number for receipt in record_all(book, [good, bad], skip_invalid=True)] == [1]
