"""What else the aliases' request asked for."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from pathlib import Path

import source_tree

from ledgerlite import Book
from ledgerlite.entries import Entry, make_legs
from ledgerlite.storage import migrate

ROOT = Path(__file__).resolve().parents[2]


def test_the_core_defines_no_old_name() -> None:
    """Book, its module and posting leave them to compat."""
    compat = {name.split(".")[-1] for name, _ in source_tree.functions(source_tree.tree(source_tree.PACKAGE / "compat.py"))}
    assert compat >= source_tree.OLD
    for name in ("book.py", "posting.py"):
        assert list(source_tree.book_methods(source_tree.tree(source_tree.PACKAGE / name))) == []


def test_the_readme_shows_the_new_api() -> None:
    """Its example enters and reverses by the new names."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "book.record_transfer(" in text
    assert "book.record_reversal(" in text
    assert "book.post(" not in text
    assert "book.reverse(" not in text


def test_migrations_show_nothing_to_their_user() -> None:
    """Not even where every warning is shown."""
    book, day = Book(), date(2026, 1, 5)
    book.restore(Entry(1, day, make_legs([("6200", Decimal(3)), ("1020", Decimal(-3))]), "Bank charge"))
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        migrate(book, 0)
    assert [each for each in shown if issubclass(each.category, DeprecationWarning)] == []
    assert book.balance("6300") == 3
