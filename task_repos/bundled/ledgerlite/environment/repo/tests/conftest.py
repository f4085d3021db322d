"""Books that many tests start from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledgerlite import Book
from ledgerlite.tax import TaxTable, default_table


@pytest.fixture
def book() -> Book:
    """An empty book in euro with the small chart."""
    return Book()


@pytest.fixture
def funded(book: Book) -> Book:
    """A book whose bank account was filled with 10,000.00 on New Year's Day 2026."""
    book.post(date(2026, 1, 1), "1020", "3000", Decimal("10000.00"), "Founders' capital")
    return book


@pytest.fixture
def taxes() -> TaxTable:
    return default_table()
