"""Bringing the data of an old book up to date, one frozen migration after the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from ledgerlite.book import Book
from ledgerlite.errors import StorageError
from ledgerlite.migrations import (
    m0001_suspense_account,
    m0002_bank_charges,
    m0003_customer_deposits,
    m0004_double_interest,
    m0005_petty_cash,
)

MIGRATIONS: tuple[ModuleType, ...] = (
    m0001_suspense_account,
    m0002_bank_charges,
    m0003_customer_deposits,
    m0004_double_interest,
    m0005_petty_cash,
)
CURRENT = len(MIGRATIONS)


@dataclass(frozen=True, slots=True)
class Step:
    """What one migration did to a book."""

    version: int
    title: str
    entries: int


def pending(version: int) -> tuple[ModuleType, ...]:
    """Migrations that data of a version still needs; raises StorageError for future data."""
    if not 0 <= version <= CURRENT:
        raise StorageError(f"data of version {version} needs a newer ledgerlite than {CURRENT}")
    return MIGRATIONS[version:]


def migrate(book: Book, version: int, announce: Callable[[Step], None] | None = None) -> list[Step]:
    """Run what is pending, in order; returns what was done."""
    steps = []
    for module in pending(version):
        before = len(book)
        module.upgrade(book)
        step = Step(module.VERSION, module.TITLE, len(book) - before)
        steps.append(step)
        if announce is not None:
            announce(step)
    return steps
