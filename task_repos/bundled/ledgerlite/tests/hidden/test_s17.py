"""The auditors' export."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

from ledgerlite import Book
from ledgerlite.periods import month

LINES = ["LLX-7Q4K-0931", "1;2026-03-02;6100;8.50", "1;2026-03-02;1020;-8.50", "3;2026-03-01;6200;12.00", "3;2026-03-01;1020;-12.00"]


def filled() -> Book:
    book = Book()
    for amount, target, day in (("8.5", "6100", 2), ("7", "6100", 2), ("12", "6200", 1)):
        on = date(2026, 4 if amount == "7" else 3, day)
        book.record_transfer(Decimal(amount), source="1020", target=target, on=on)
    return book


def test_the_export_opens_as_its_reader_wants() -> None:
    """The first line is the one that was agreed."""
    from ledgerlite.audit.export import export_lines

    assert export_lines(Book(), period=month(2026, 3)) == LINES[:1]


def test_each_leg_has_its_line() -> None:
    """In the order of numbers and legs, of the period alone, with two places."""
    from ledgerlite.audit.export import export_lines

    assert export_lines(filled(), period=month(2026, 3)) == LINES


def test_the_file_is_as_the_conventions_say(tmp_path: Path) -> None:
    """UTF-8, a line feed after every line; the count comes back."""
    from ledgerlite.audit.export import write_export

    path = tmp_path / "export.txt"
    assert write_export(filled(), path=path, period=month(2026, 3)) == len(LINES)
    assert path.read_bytes() == ("\n".join(LINES) + "\n").encode()
