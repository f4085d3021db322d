"""The old names lead to the new ones."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal

from ledgerlite import Book, Draft, post_batch
from ledgerlite.storage import migrate

DAY = date(2026, 1, 5)


def test_old_names_warn_once_at_the_line_of_the_caller(book: Book) -> None:
    calls = (
        lambda: book.post("2026-01-05", "6100", "1020", 1.5),
        lambda: book.post_split(DAY, [("6100", "1"), ("1020", "-1")]),
        lambda: book.reverse(1),
        lambda: post_batch(book, [Draft.simple(DAY, "6100", "1020", Decimal(1))] * 2),
    )
    for call in calls:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call()
        assert [(w.category, w.filename) for w in caught] == [(DeprecationWarning, __file__)]


def test_migrations_keep_quiet_about_their_age(book: Book) -> None:
    book.record_transfer(3, source="1020", target="6200", on=DAY, note="Bank charge")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        migrate(book, 0)
    assert book.balance("6300") == 3
