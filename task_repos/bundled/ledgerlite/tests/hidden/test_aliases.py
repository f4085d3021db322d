"""The old names: what they take, what they give, how they warn."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

import ledgerlite
import ledgerlite.posting
from ledgerlite import Book, Draft
from ledgerlite.audit import AuditedBook, AuditLog
from ledgerlite.errors import BatchRejected
from ledgerlite.permissions import BOOKKEEPER, GuardedBook, Policy

DAY = date(2026, 1, 5)


def started(book: Book) -> Book:
    """A book with one entry, made without any warning by the store's way in."""
    from ledgerlite.entries import Entry, make_legs

    book.restore(Entry(1, DAY, make_legs([("6100", Decimal(9)), ("1020", Decimal(-9))])))
    return book


def guarded() -> Book:
    policy = Policy()
    policy.grant("ada", BOOKKEEPER)
    return GuardedBook(policy, "ada")


BOOKS: dict[str, Callable[[], Book]] = {
    "plain": Book,
    "audited": lambda: AuditedBook(AuditLog(), "ada"),
    "guarded": guarded,
}
LEGS = [("6100", Decimal(1)), ("1020", Decimal(-1))]
CALLS: dict[str, tuple[str, Callable[[Book], object]]] = {
    "post": ("record_transfer", lambda book: book.post("2026-01-05", "6100", "1020", 1.5, "m", "r")),
    "post_by_keyword": (
        "record_transfer",
        lambda book: book.post(amount="2", credit="1020", debit="6100", date=DAY, ref="r", memo="m"),
    ),
    "post_split": ("record_entry", lambda book: book.post_split(DAY, (leg for leg in LEGS), memo="m")),
    "reverse": ("record_reversal", lambda book: book.reverse(1, "2026-02-01", memo="m")),
    "post_batch": ("record_all", lambda book: ledgerlite.post_batch(book, [Draft(DAY, tuple(LEGS))] * 3)),
    "post_batch_of_posting": (
        "record_all",
        lambda book: ledgerlite.posting.post_batch(book, [Draft(DAY, tuple(LEGS))], strict=False),
    ),
}


@pytest.mark.parametrize("kind", BOOKS)
@pytest.mark.parametrize("name", CALLS)
def test_old_names_warn_once_at_their_caller(name: str, kind: str) -> None:
    """One DeprecationWarning per call, at a line of this file, that names the new function."""
    new, call = CALLS[name]
    book = started(BOOKS[kind]())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call(book)
    assert [warning.category for warning in caught] == [DeprecationWarning]
    assert caught[0].filename == __file__
    assert caught[0].lineno == call.__code__.co_firstlineno
    assert new in str(caught[0].message)


def quiet(call: Callable[[Book], object], book: Book) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(book)


@pytest.mark.parametrize("kind", BOOKS)
def test_old_names_keep_arguments_and_results(kind: str) -> None:
    """Debit before credit, loose dates and amounts, plain numbers back."""
    book = started(BOOKS[kind]())
    results = [quiet(call, book) for _, call in list(CALLS.values())[:1]]
    results += [quiet(CALLS[name][1], book) for name in ("post_split", "reverse", "post_batch")]
    assert results == [2, 3, 4, [5, 6, 7]]
    assert all(type(number) is int for number in [*results[:3], *results[3]])
    second = book.entry(2)
    assert [(leg.account, leg.amount) for leg in second.legs] == [("6100", Decimal("1.5")), ("1020", Decimal("-1.5"))]
    assert (second.date, second.memo, second.ref) == (DAY, "m", "r")
    assert book.entry(4).date == date(2026, 2, 1)


def test_loose_amounts_of_splits_are_still_read() -> None:
    """post_split reads texts, floats and integers as it did before."""
    book = Book()
    quiet(lambda b: b.post_split("2026-01-05", [("6100", "1.10"), ("6200", 0.1), ("1020", "-1.20")]), book)
    assert book.balance("6200") == Decimal("0.1")


def test_strict_is_still_the_default_and_positional() -> None:
    """strict=True rejects, a third positional False leaves out."""
    bad = Draft(DAY, (("9999", Decimal(1)), ("1020", Decimal(-1))))
    good = Draft(DAY, tuple(LEGS))
    book = Book()
    with pytest.raises(BatchRejected):
        quiet(lambda b: ledgerlite.post_batch(b, [good, bad]), book)
    assert quiet(lambda b: ledgerlite.post_batch(b, [good, bad], False), book) == [1]


def test_audit_records_of_old_calls_are_the_same() -> None:
    """Exactly one record per call, as before."""
    log = AuditLog()
    book = started(AuditedBook(log, "ada"))
    for name in ("post", "post_split", "reverse"):
        quiet(CALLS[name][1], book)
    assert [(r.action, r.result) for r in log] == [("post", 2), ("post_split", 3), ("reverse", 4)]
    assert log.for_entry(2).args == {
        "date": "2026-01-05", "debit": "6100", "credit": "1020", "amount": "1.5", "memo": "m", "ref": "r",
    }
    assert log.for_entry(4).args == {"number": 1, "date": "2026-02-01", "memo": "m"}


def test_subclasses_that_know_the_new_names_serve_the_old_ones() -> None:
    """An override of record_* is reached through every alias."""
    seen = []

    class Curious(Book):
        def record_transfer(self, amount, **options):
            seen.append("transfer")
            return super().record_transfer(amount, **options)

        def record_entry(self, lines, **options):
            seen.append("entry")
            return super().record_entry(lines, **options)

        def record_reversal(self, number, **options):
            seen.append("reversal")
            return super().record_reversal(number, **options)

    book = started(Curious())
    for name in ("post", "post_split", "reverse", "post_batch"):
        quiet(CALLS[name][1], book)
    assert seen == ["transfer", "entry", "reversal", "entry", "entry", "entry"]
