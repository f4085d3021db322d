"""From statement lines to entries: categorising, splitting, skipping what is known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from ledgerlite.book import Book
from ledgerlite.entries import Draft
from ledgerlite.errors import LedgerError
from ledgerlite.importers.formats import read_file
from ledgerlite.importers.rules import RuleBook
from ledgerlite.importers.statement import StatementLine
from ledgerlite.invoices.receivables import Receivables
from ledgerlite.posting import record_all
from ledgerlite.tax import INPUT_TAX, TaxTable


@dataclass(slots=True)
class LoadResult:
    """Entry numbers by what happened to their lines."""

    entered: list[int] = field(default_factory=list)
    known: int = 0
    rejected: list[str] = field(default_factory=list)


class Loader:
    """Enters statement lines of one bank account."""

    def __init__(
        self,
        book: Book,
        rules: RuleBook,
        bank: str = "1020",
        receivables: Receivables | None = None,
        taxed: dict[str, str] | None = None,
        table: TaxTable | None = None,
    ) -> None:
        self.book = book
        self.rules = rules
        self.bank = bank
        self.receivables = receivables
        self.taxed = taxed or {}
        self.table = table

    def load_file(self, path: Path) -> LoadResult:
        return self.load(read_file(path))

    def load(self, lines: Iterable[StatementLine]) -> LoadResult:
        """Enter lines one by one; a line that the book refuses does not stop the others."""
        result = LoadResult()
        for line in lines:
            if self.book.find_ref(self.ref(line)) is not None:
                result.known += 1
                continue
            try:
                result.entered.append(self._enter(line))
            except LedgerError as error:
                result.rejected.append(f"{line.day} {line.amount} {line.text}: {error}")
        return result

    def load_atomically(self, lines: Sequence[StatementLine]) -> LoadResult:
        """Enter all lines or none: one that the book refuses raises BatchRejected."""
        fresh = [line for line in lines if self.book.find_ref(self.ref(line)) is None]
        receipts = record_all(self.book, [self.draft(line) for line in fresh])
        return LoadResult([receipt.number for receipt in receipts], known=len(lines) - len(fresh))

    def load_leniently(self, lines: Sequence[StatementLine]) -> LoadResult:
        """Enter what can be entered in one batch; refused lines are only counted."""
        fresh = [line for line in lines if self.book.find_ref(self.ref(line)) is None]
        drafts = [self.draft(line) for line in fresh]
        numbers = [receipt.number for receipt in record_all(self.book, drafts, skip_invalid=True)]
        refused = len(fresh) - len(numbers)
        return LoadResult(numbers, len(lines) - len(fresh), ["refused"] * refused)

    def ref(self, line: StatementLine) -> str:
        return f"bank:{self.bank}:{line.fingerprint}"

    def draft(self, line: StatementLine) -> Draft:
        """What would be entered for a line, tax split off where the account is taxed."""
        account, memo = self.rules.decide(line)
        legs = [(self.bank, line.amount), *self._other_legs(account, line)]
        return Draft(line.day, tuple(legs), memo, self.ref(line), "bank")

    def _enter(self, line: StatementLine) -> int:
        if self.receivables is not None and line.amount > 0:
            number = self._invoice_number(line)
            if number is not None:
                return self._pay_invoice(number, line)
        account, memo = self.rules.decide(line)
        if account in self.taxed:
            legs = [(self.bank, line.amount), *self._other_legs(account, line)]
            return self.book.record_entry(
                legs, on=line.day, note=memo, reference=self.ref(line)
            ).number
        if line.amount > 0:
            return self.book.record_transfer(
                line.amount,
                source=account,
                target=self.bank,
                on=line.day,
                note=memo,
                reference=self.ref(line),
            ).number
        return self.book.record_transfer(
            -line.amount,
            source=self.bank,
            target=account,
            on=line.day,
            note=memo,
            reference=self.ref(line),
        ).number

    def _other_legs(self, account: str, line: StatementLine) -> list[tuple[str, Decimal]]:
        if account not in self.taxed or self.table is None or line.amount > 0:
            return [(account, -line.amount)]
        net, tax = self.table.on(self.taxed[account], line.day).split_gross(-line.amount)
        return [(account, net), (INPUT_TAX, tax)]

    def _invoice_number(self, line: StatementLine) -> str | None:
        assert self.receivables is not None
        for item in self.receivables.open_items():
            if item.invoice.number in line.text and line.amount == item.open:
                return item.invoice.number
        return None

    def _pay_invoice(self, number: str, line: StatementLine) -> int:
        """Settle an invoice; the line's reference marks it as known."""
        assert self.receivables is not None
        item = self.receivables.item(number)
        memo = f"Payment {number} {item.invoice.customer}"
        entry = self.book.record_transfer(
            line.amount,
            source="1100",
            target=self.bank,
            on=line.day,
            note=memo,
            reference=self.ref(line),
        ).number
        item.payments.append((line.day, line.amount, entry))
        return entry


def move_from_suspense(book: Book, number: int, account: str, memo: str | None = None) -> int:
    """Give a line that landed in suspense its right account, on the line's own day.

    Raises LedgerError when the entry did not touch suspense.
    """
    entry = book.entry(number)
    amount = entry.amount_for("1900")
    if amount == 0:
        raise LedgerError(f"entry {number} is not in suspense")
    text = memo if memo is not None else entry.memo
    if amount > 0:
        return book.record_transfer(
            amount, source="1900", target=account, on=entry.date, note=text
        ).number
    return book.record_transfer(
        -amount, source=account, target="1900", on=entry.date, note=text
    ).number


def recode(book: Book, number: int, old: str, new: str) -> tuple[int, int]:
    """Correct an entry that hit a wrong account: reverse it and enter it again with the right one.

    Returns the numbers of the reversal and of the new entry.
    """
    entry = book.entry(number)
    legs = [(new if leg.account == old else leg.account, leg.amount) for leg in entry.legs]
    back = book.record_reversal(number, note=f"Recoded {old} to {new}, was #{number}").number
    return back, book.record_entry(legs, on=entry.date, note=entry.memo).number
