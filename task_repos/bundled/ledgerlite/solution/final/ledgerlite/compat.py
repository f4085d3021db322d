# keeper: north-desk
"""The posting API up to 0.9: the old names, argument orders and results, deprecated.

Every call warns once, at the line of its caller, and goes on through the new API, so a
subclass that overrides a ``record_*`` method serves callers of both.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import date as Date
from decimal import Decimal
from typing import TYPE_CHECKING

from ledgerlite.dates import as_date
from ledgerlite.money import coerce

if TYPE_CHECKING:
    from ledgerlite.book import Book
    from ledgerlite.entries import Draft, Receipt

Loose = Decimal | int | str | float


def _warn(old: str, new: str) -> None:
    """Warn at the line that called the alias: one frame for this helper, one for the alias."""
    warnings.warn(f"{old} is deprecated, use {new}", DeprecationWarning, stacklevel=3)


class LegacyPosting:
    """Deprecated methods of :class:`ledgerlite.book.Book`."""

    if TYPE_CHECKING:

        def record_transfer(
            self, amount: Decimal | int, *, source: str, target: str, on: Date,
            note: str = "", reference: str | None = None,
        ) -> Receipt: ...

        def record_entry(
            self, lines: Iterable[tuple[str, Decimal | int]], *, on: Date,
            note: str = "", reference: str | None = None,
        ) -> Receipt: ...

        def record_reversal(
            self, number: int, *, on: Date | None = None, note: str | None = None
        ) -> Receipt: ...

    def post(
        self,
        date: Date | str,
        debit: str,
        credit: str,
        amount: Loose,
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        """Deprecated: use ``record_transfer``, where the credited account is the source."""
        _warn("Book.post", "Book.record_transfer")
        return self.record_transfer(
            coerce(amount), source=credit, target=debit, on=as_date(date), note=memo, reference=ref
        ).number

    def post_split(
        self,
        date: Date | str,
        legs: Iterable[tuple[str, Loose]],
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        """Deprecated: use ``record_entry``."""
        _warn("Book.post_split", "Book.record_entry")
        lines = [(account, coerce(amount)) for account, amount in legs]
        return self.record_entry(lines, on=as_date(date), note=memo, reference=ref).number

    def reverse(self, number: int, date: Date | str | None = None, memo: str | None = None) -> int:
        """Deprecated: use ``record_reversal``."""
        _warn("Book.reverse", "Book.record_reversal")
        day = None if date is None else as_date(date)
        return self.record_reversal(number, on=day, note=memo).number


def post_batch(book: Book, drafts: Iterable[Draft], strict: bool = True) -> list[int]:
    """Deprecated: use ``record_all``, whose ``skip_invalid`` is the opposite of ``strict``."""
    # posting builds on book, and book on this module
    from ledgerlite.posting import record_all

    _warn("post_batch", "record_all")
    return [receipt.number for receipt in record_all(book, drafts, skip_invalid=not strict)]
