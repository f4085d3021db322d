"""Payables: incoming bills, approval, payment runs and early-payment discounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from ledgerlite.book import Book
from ledgerlite.errors import InvalidAmount, LedgerError
from ledgerlite.money import ZERO, percent, round_money, total
from ledgerlite.tax import TaxTable, post_purchase

PAYABLE = "2000"
DISCOUNTS_TAKEN = "4900"


class State(str, Enum):
    ENTERED = "entered"
    APPROVED = "approved"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Bill:
    """A supplier's bill; its key is unique per supplier and serves as reference."""

    supplier: str
    key: str
    day: date
    net: Decimal
    expense: str
    tax: str = "standard"
    terms: int = 30
    discount: Decimal = ZERO
    discount_days: int = 0

    @property
    def ref(self) -> str:
        return f"bill:{self.supplier}:{self.key}"

    @property
    def due(self) -> date:
        return self.day + timedelta(days=self.terms)

    def discount_until(self) -> date | None:
        return self.day + timedelta(days=self.discount_days) if self.discount else None


@dataclass(frozen=True, slots=True)
class Tracked:
    """A bill with its state and its entries."""

    bill: Bill
    gross: Decimal
    entry: int
    state: State = State.ENTERED
    payment: int | None = None


class Payables:
    """The bills of a book."""

    def __init__(self, book: Book, table: TaxTable, bank: str = "1020") -> None:
        self.book = book
        self.table = table
        self.bank = bank
        self._bills: dict[str, Tracked] = {}

    def enter(self, bill: Bill) -> Tracked:
        """Enter a bill; the same supplier's key twice is refused by the book."""
        memo = f"Bill {bill.supplier} {bill.key}"
        entry = post_purchase(
            self.book, self.table, bill.day, bill.net, bill.expense, bill.tax, PAYABLE, memo, bill.ref
        )
        gross = -self.book.entry(entry).amount_for(PAYABLE)
        tracked = Tracked(bill, gross, entry)
        self._bills[bill.ref] = tracked
        return tracked

    def get(self, ref: str) -> Tracked:
        try:
            return self._bills[ref]
        except KeyError:
            raise LedgerError(f"no bill {ref!r}") from None

    def approve(self, ref: str) -> None:
        self._move(ref, State.ENTERED, State.APPROVED)

    def cancel(self, ref: str, day: date, memo: str = "") -> int:
        """Take an unpaid bill out of the books; returns the reversal's number."""
        tracked = self.get(ref)
        if tracked.state in (State.PAID, State.CANCELLED):
            raise LedgerError(f"{ref} is {tracked.state.value}")
        number = self.book.record_reversal(
            tracked.entry, on=day, note=memo or f"Cancelled {ref}"
        ).number
        self._bills[ref] = replace(tracked, state=State.CANCELLED)
        return number

    def pay(self, ref: str, day: date) -> int:
        """Pay an approved bill, less its discount while that lasts."""
        tracked = self._move(ref, State.APPROVED, State.PAID)
        bill, until = tracked.bill, tracked.bill.discount_until()
        memo = f"Paid {bill.supplier} {bill.key}"
        if until is not None and day <= until:
            saved = round_money(percent(tracked.gross, bill.discount))
            legs = [(PAYABLE, tracked.gross), (self.bank, saved - tracked.gross), (DISCOUNTS_TAKEN, -saved)]
            payment = self.book.record_entry(legs, on=day, note=memo).number
        else:
            payment = self.book.record_transfer(
                tracked.gross, source=self.bank, target=PAYABLE, on=day, note=memo
            ).number
        self._bills[ref] = replace(self._bills[ref], payment=payment)
        return payment

    def payment_run(self, day: date, budget: Decimal | None = None) -> list[int]:
        """Pay approved bills that are due, and those whose discount would end, by urgency.

        A budget is never exceeded; bills that do not fit are left, smaller ones may follow.
        """
        numbers, left = [], budget
        for tracked in self.urgent(day):
            if left is not None and tracked.gross > left:
                continue
            numbers.append(self.pay(tracked.bill.ref, day))
            if left is not None:
                left -= tracked.gross
        return numbers

    def urgent(self, day: date) -> list[Tracked]:
        """Approved bills due by tomorrow or with a discount that ends by tomorrow."""
        tomorrow = day + timedelta(days=1)
        found = [
            tracked
            for tracked in self._bills.values()
            if tracked.state is State.APPROVED and _deadline(tracked.bill, day) <= tomorrow
        ]
        return sorted(found, key=lambda t: (_deadline(t.bill, day), t.bill.ref))

    def part_payment(self, ref: str, day: date, amount: Decimal) -> int:
        """Pay a part of an approved bill; the rest stays payable under the same reference."""
        tracked = self.get(ref)
        if tracked.state is not State.APPROVED:
            raise LedgerError(f"{ref} is {tracked.state.value}, not approved")
        if not 0 < amount < tracked.gross:
            raise InvalidAmount(f"a part of {tracked.gross} must be between 0 and that")
        number = self.book.record_transfer(
            amount, source=self.bank, target=PAYABLE, on=day, note=f"Part payment {ref}"
        ).number
        self._bills[ref] = replace(tracked, gross=tracked.gross - amount)
        return number

    def open_total(self) -> Decimal:
        waiting = (State.ENTERED, State.APPROVED)
        return total(t.gross for t in self._bills.values() if t.state in waiting)

    def _move(self, ref: str, expected: State, new: State) -> Tracked:
        tracked = self.get(ref)
        if tracked.state is not expected:
            raise LedgerError(f"{ref} is {tracked.state.value}, not {expected.value}")
        self._bills[ref] = replace(tracked, state=new)
        return self._bills[ref]


def _deadline(bill: Bill, day: date) -> date:
    until = bill.discount_until()
    return until if until is not None and day <= until else bill.due
