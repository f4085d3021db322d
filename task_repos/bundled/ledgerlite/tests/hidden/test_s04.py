"""Questions to a journal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ledgerlite import Book
from ledgerlite.entries import Entry, make_legs
from ledgerlite.periods import month


def restored(*rows: tuple[str, str, str, str]) -> Book:
    book = Book()
    for number, (day, debit, credit, amount) in enumerate(rows, start=1):
        book.restore(Entry(number, date.fromisoformat(day), make_legs([(debit, Decimal(amount)), (credit, -Decimal(amount))])))
    return book


ROWS = (("2026-01-05", "6100", "1020", "5"), ("2026-01-31", "6200", "1020", "9"), ("2026-02-01", "6100", "1020", "99"), ("2026-01-01", "6300", "1020", "9"))


def test_the_largest_come_first() -> None:
    """Of the period alone; of equal ones the earlier number."""
    from ledgerlite.queries import largest

    found = largest(restored(*ROWS), period=month(2026, 1), count=2)
    assert [entry.number for entry in found] == [2, 4]
    assert [entry.number for entry in largest(restored(*ROWS), period=month(2026, 1), count=9)] == [2, 4, 1]


def test_idle_accounts_are_those_that_could_have_moved() -> None:
    """Sorted codes without headings, archived and touched accounts."""
    from ledgerlite.queries import idle_accounts

    book = restored(*ROWS)
    book.chart.archive("2500")
    found = idle_accounts(book, period=month(2026, 2))
    assert found == sorted(found)
    assert {"6200", "6300", "1010"} <= set(found)
    assert not {"6100", "1020", "1000", "2500"} & set(found)
