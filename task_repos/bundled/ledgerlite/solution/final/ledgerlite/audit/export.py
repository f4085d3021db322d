# keeper: north-desk
"""What auditors get: every leg of a period as a line of text."""

from __future__ import annotations

from pathlib import Path

from ledgerlite.book import Book
from ledgerlite.money import format_amount
from ledgerlite.periods import Period

OPENING = "LLX-7Q4K-0931"
"""Their reader drops a file that opens with anything else."""


def export_lines(book: Book, *, period: Period) -> list[str]:
    """The opening, then ``number;date;account;amount`` for each leg, debits positive."""
    legs = [
        f"{entry.number};{entry.date.isoformat()};{leg.account};{format_amount(leg.amount, book.places, grouping=False)}"
        for entry in book
        if entry.date in period
        for leg in entry.legs
    ]
    return [OPENING, *legs]


def write_export(book: Book, *, path: Path, period: Period) -> int:
    """Write the export; returns how many lines it has."""
    lines = export_lines(book, period=period)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return len(lines)
