"""The auditors' export."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from ledgerlite import Book
from ledgerlite.audit.export import export_lines, write_export
from ledgerlite.periods import month


def test_lines_and_file_agree(book: Book, tmp_path: Path) -> None:
    book.record_transfer(Decimal("8.5"), source="1020", target="6100", on=date(2026, 3, 2))
    lines = export_lines(book, period=month(2026, 3))
    assert lines[1:] == ["1;2026-03-02;6100;8.50", "1;2026-03-02;1020;-8.50"]
    assert write_export(book, path=tmp_path / "e", period=month(2026, 3)) == 3
    assert (tmp_path / "e").read_text().splitlines() == lines
