"""The new API."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

import ledgerlite
from ledgerlite import Book, Draft
from ledgerlite.errors import (
    AlreadyReversed,
    BatchRejected,
    DuplicateReference,
    InvalidAmount,
    LedgerError,
    PeriodClosed,
    UnbalancedEntry,
    UnknownAccount,
    UnknownEntry,
)
from ledgerlite.periods import month

DAY = date(2026, 1, 5)


def test_receipts_are_frozen_and_exported() -> None:
    """Receipt has four fields in order, can't be changed, and stands in the public names."""
    from ledgerlite.entries import Receipt

    assert [field.name for field in dataclasses.fields(Receipt)] == ["number", "on", "total", "reference"]
    assert ledgerlite.Receipt is Receipt
    assert {"Receipt", "record_all", "post_batch"} <= set(ledgerlite.__all__)
    with pytest.raises(dataclasses.FrozenInstanceError):
        Receipt(1, DAY, Decimal(1), None).number = 2


def test_a_transfer_credits_its_source() -> None:
    """Money goes from source to target."""
    book = Book()
    receipt = book.record_transfer(Decimal("8.50"), source="1020", target="6100", on=DAY, note="Rent", reference="r")
    assert (receipt.number, receipt.on, receipt.total, receipt.reference) == (1, DAY, Decimal("8.50"), "r")
    entry = book.entry(1)
    assert [(leg.account, leg.amount) for leg in entry.legs] == [("6100", Decimal("8.50")), ("1020", Decimal("-8.50"))]
    assert (entry.memo, entry.ref) == ("Rent", "r")


@pytest.mark.parametrize("amount", [1.5, "1.50", True, None, float("nan")], ids=["float", "text", "truth", "none", "nan"])
def test_amounts_must_be_exact(amount: object) -> None:
    """Floats, texts and truth values are a TypeError in both functions, and nothing is entered."""
    book = Book()
    with pytest.raises(TypeError):
        book.record_transfer(amount, source="1020", target="6100", on=DAY)
    with pytest.raises(TypeError):
        book.record_entry([("6100", amount), ("1020", Decimal("-1.50"))], on=DAY)
    assert len(book) == 0


@pytest.mark.parametrize("day", ["2026-01-05", None, 20260105], ids=["text", "none", "number"])
def test_days_must_be_dates(day: object) -> None:
    """A date text is a TypeError; record_reversal alone takes None for the entry's own day."""
    book = Book()
    book.record_transfer(1, source="1020", target="6100", on=DAY)
    with pytest.raises(TypeError):
        book.record_transfer(1, source="1020", target="6100", on=day)
    with pytest.raises(TypeError):
        book.record_entry([("6100", 1), ("1020", -1)], on=day)
    if day is not None:
        with pytest.raises(TypeError):
            book.record_reversal(1, on=day)
    assert len(book) == 1


def test_entries_take_any_iterable_of_lines() -> None:
    """A generator serves; zero lines are dropped; the total is the sum of the debits."""
    book = Book()
    lines = [("6100", 5), ("6200", Decimal("2.50")), ("6300", 0), ("1020", Decimal("-7.50"))]
    receipt = book.record_entry((line for line in lines), on=DAY)
    assert (receipt.number, receipt.total, receipt.reference) == (1, Decimal("7.50"), None)
    assert book.entry(1).accounts == ("6100", "6200", "1020")


def test_checks_are_those_of_old() -> None:
    """The errors of the old API come from the new one."""
    book = Book()
    book.record_transfer(1, source="1020", target="6100", on=DAY, reference="r")
    attempts = [
        (InvalidAmount, lambda: book.record_transfer(0, source="1020", target="6100", on=DAY)),
        (InvalidAmount, lambda: book.record_transfer(Decimal("0.001"), source="1020", target="6100", on=DAY)),
        (UnknownAccount, lambda: book.record_transfer(1, source="9999", target="6100", on=DAY)),
        (DuplicateReference, lambda: book.record_transfer(1, source="1020", target="6100", on=DAY, reference="r")),
        (UnbalancedEntry, lambda: book.record_entry([("6100", 1), ("1020", -2)], on=DAY)),
        (UnknownEntry, lambda: book.record_reversal(7)),
    ]
    for error, attempt in attempts:
        with pytest.raises(error):
            attempt()
    book.calendar.close(month(2026, 1))
    with pytest.raises(PeriodClosed):
        book.record_reversal(1)
    assert len(book) == 1


def test_reversals_have_the_defaults_of_old() -> None:
    """The entry's own day and a memo with its number, once only."""
    book = Book()
    book.record_transfer(1, source="1020", target="6100", on=DAY, reference="r")
    receipt = book.record_reversal(1)
    assert (receipt.number, receipt.on, receipt.reference) == (2, DAY, None)
    assert (book.entry(2).memo, book.entry(2).reverses) == ("Reversal of #1", 1)
    with pytest.raises(AlreadyReversed):
        book.record_reversal(1, on=DAY, note="again")
    later = book.record_reversal(2, on=date(2026, 2, 1), note="")
    assert (later.on, book.entry(3).memo) == (date(2026, 2, 1), "")


def test_listeners_hear_entries_not_receipts() -> None:
    """Subscribers get what they got before."""
    book, heard = Book(), []
    book.subscribe(heard.append)
    book.record_transfer(1, source="1020", target="6100", on=DAY)
    book.record_reversal(1)
    assert heard == list(book)


def drafts() -> Iterator[Draft]:
    yield Draft.simple(DAY, "6100", "1020", Decimal("5.00"), "one", "a")
    yield Draft.simple(DAY, "6100", "9999", Decimal("5.00"), "two")
    yield Draft.simple(DAY, "6200", "1020", Decimal("7.00"), "three")


def test_batches_reject_or_skip() -> None:
    """All or nothing is the default; skip_invalid leaves bad drafts out; receipts come back."""
    book = Book()
    with pytest.raises(BatchRejected, match="draft 2"):
        ledgerlite.record_all(book, drafts())
    assert len(book) == 0
    receipts = ledgerlite.record_all(book, drafts(), skip_invalid=True)
    assert [(r.number, r.total, r.reference) for r in receipts] == [(1, Decimal("5.00"), "a"), (2, Decimal("7.00"), None)]


def test_audited_books_log_the_new_calls_in_the_old_format() -> None:
    """Names, keys and numbers of audit records are those of the format; a refused call leaves none."""
    from ledgerlite.audit import AuditedBook, AuditLog

    log = AuditLog()
    book = AuditedBook(log, "ada")
    book.record_transfer(Decimal("12.50"), source="1020", target="6100", on=DAY, note="Rent", reference="r")
    book.record_entry([("6200", Decimal(1)), ("1020", Decimal(-1))], on=DAY)
    book.record_reversal(2, note="Wrong")
    with pytest.raises(LedgerError):
        book.record_transfer(1, source="9999", target="6100", on=DAY)
    assert [(r.action, r.result) for r in log] == [("post", 1), ("post_split", 2), ("reverse", 3)]
    first, second, third = (r.args for r in log)
    assert first == {
        "date": "2026-01-05", "debit": "6100", "credit": "1020", "amount": "12.50", "memo": "Rent", "ref": "r",
    }
    assert second == {"date": "2026-01-05", "legs": [["6200", "1"], ["1020", "-1"]], "memo": "", "ref": None}
    assert third == {"number": 2, "date": None, "memo": "Wrong"}


def test_guarded_books_guard_the_new_calls() -> None:
    """Permissions keep their names, limits and accounts hold, nothing slips through."""
    from ledgerlite.errors import NotPermitted
    from ledgerlite.permissions import GuardedBook, Policy, Role

    policy = Policy()
    policy.grant("bo", Role("clerk", frozenset({"post"}), Decimal(100), ("62", "10")))
    book = GuardedBook(policy, "bo", today=date(2026, 1, 20))
    book.record_transfer(100, source="1020", target="6200", on=DAY)
    attempts = {
        "above the limit": lambda: book.record_transfer(101, source="1020", target="6200", on=DAY),
        "outside the role": lambda: book.record_transfer(1, source="6100", target="1020", on=DAY),
        "may not backdate": lambda: book.record_transfer(1, source="1020", target="6200", on=date(2025, 12, 31)),
        "may not post_split": lambda: book.record_entry([("6200", 1), ("1020", -1)], on=DAY),
        "may not reverse": lambda: book.record_reversal(1),
    }
    for reason, attempt in attempts.items():
        with pytest.raises(NotPermitted, match=reason):
            attempt()
    assert len(book) == 1


def test_forgiving_books_open_both_accounts() -> None:
    """The contributed subclass overrides the new method."""
    from ledgerlite.contrib.quickpost import ForgivingBook

    book = ForgivingBook()
    book.record_transfer(1, source="7777", target="8888", on=DAY)
    assert book.chart.get("7777").name == "Unknown 7777"
    assert book.balance("8888") == 1


def test_quickpost_counts_exactly() -> None:
    """Ten percent on fifty are five; in floats they were a little more, and rounded up to six."""
    from ledgerlite.contrib.quickpost import mileage, split_bill, with_tip

    book = Book()
    with_tip(book, DAY, 50, 10)
    mileage(book, DAY, 4.75, 0.7)
    split_bill(book, DAY, 2.01, ["6200", "6300"])
    assert [entry.total for entry in book] == [Decimal(t) for t in ("55", "3.32", "1.00", "1.01")]
