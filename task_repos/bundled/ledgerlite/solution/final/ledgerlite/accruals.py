"""Accruals and prepayments: cost in the period it belongs to, whenever it is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ledgerlite.book import Book
from ledgerlite.dates import add_months, month_end, month_start, months_between
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import allocate, total

ACCRUED = "2200"
PREPAID = "1400"


@dataclass(frozen=True, slots=True)
class Accrual:
    """An accrued expense and the entry that takes it back in the next month."""

    entry: int
    reversal: int


def accrue_expense(book: Book, day: date, expense: str, amount: Decimal, memo: str) -> Accrual:
    """Book an expense at the end of its month and take it back on the first of the next.

    When the real bill arrives it is booked in full, and the two together leave the
    expense where it belongs.
    """
    last = month_end(day)
    number = book.record_transfer(
        amount, source=ACCRUED, target=expense, on=last, note=f"Accrual: {memo}"
    ).number
    back = book.record_reversal(
        number, on=last + timedelta(days=1), note=f"Accrual taken back: {memo}"
    ).number
    return Accrual(number, back)


def accrue_income(book: Book, day: date, income: str, amount: Decimal, memo: str) -> Accrual:
    """The mirror image for income that was earned and not invoiced yet."""
    last = month_end(day)
    number = book.record_transfer(
        amount, source=income, target=PREPAID, on=last, note=f"Accrued income: {memo}"
    ).number
    back = book.record_reversal(
        number, on=last + timedelta(days=1), note=f"Accrued income taken back: {memo}"
    ).number
    return Accrual(number, back)


@dataclass(frozen=True, slots=True)
class Prepayment:
    """A payment that covers several months, the first and last given by any of their days."""

    amount: Decimal
    expense: str
    first: date
    last: date
    memo: str

    def schedule(self) -> list[tuple[date, Decimal]]:
        """Month ends with their share; shares differ by a cent at most and add up exactly."""
        months = months_between(self.first, self.last) + 1
        if months < 1:
            raise LedgerError("a prepayment must not end before it begins")
        parts = allocate(self.amount, [1] * months)
        start = month_start(self.first)
        return [(month_end(add_months(start, i)), part) for i, part in enumerate(parts)]


def pay_ahead(book: Book, day: date, prepayment: Prepayment, bank: str = "1020") -> int:
    """Enter the payment itself: bank against prepaid expenses."""
    if prepayment.amount <= 0:
        raise InvalidAmount("a prepayment must be positive")
    return book.record_transfer(
        prepayment.amount, source=bank, target=PREPAID, on=day, note=prepayment.memo
    ).number


def release_due(book: Book, prepayment: Prepayment, until: date, key: str) -> list[int]:
    """Move the shares due by a day from prepaid to expense; each share once, by reference."""
    numbers = []
    for day, part in prepayment.schedule():
        ref = f"prepaid:{key}:{day:%Y-%m}"
        if day > until or book.find_ref(ref) is not None:
            continue
        memo = f"{prepayment.memo} ({day:%Y-%m})"
        numbers.append(book.record_transfer(
            part, source=PREPAID, target=prepayment.expense, on=day, note=memo, reference=ref
        ).number)
    return numbers


def unreleased(book: Book, prepayment: Prepayment, key: str) -> Decimal:
    """What of a prepayment has not become expense yet."""
    return total(
        part
        for day, part in prepayment.schedule()
        if book.find_ref(f"prepaid:{key}:{day:%Y-%m}") is None
    )
