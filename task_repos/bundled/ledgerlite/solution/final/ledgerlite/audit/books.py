"""A book that writes an audit record for every entry, and the replay of such a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date
from decimal import Decimal
from typing import Any

from ledgerlite.accounts import Chart
from ledgerlite.audit.log import AuditLog, AuditRecord
from ledgerlite.book import Book
from ledgerlite.dates import as_date
from ledgerlite.entries import Receipt
from ledgerlite.errors import StorageError
from ledgerlite.periods import FiscalCalendar


class AuditedBook(Book):
    """Records who did what; an action that the book refuses leaves no record."""

    def __init__(
        self,
        log: AuditLog,
        user: str,
        chart: Chart | None = None,
        calendar: FiscalCalendar | None = None,
        currency: str = "EUR",
    ) -> None:
        super().__init__(chart, calendar, currency)
        self.log = log
        self.user = user

    def record_transfer(
        self,
        amount: Decimal | int,
        *,
        source: str,
        target: str,
        on: Date,
        note: str = "",
        reference: str | None = None,
    ) -> Receipt:
        receipt = super().record_transfer(
            amount, source=source, target=target, on=on, note=note, reference=reference
        )
        args: dict[str, object] = {
            "date": on.isoformat(), "debit": target, "credit": source,
            "amount": str(amount), "memo": note, "ref": reference,
        }
        self.log.append(self.user, "post", args, receipt.number)
        return receipt

    def record_entry(
        self,
        lines: Iterable[tuple[str, Decimal | int]],
        *,
        on: Date,
        note: str = "",
        reference: str | None = None,
    ) -> Receipt:
        kept = list(lines)
        receipt = super().record_entry(kept, on=on, note=note, reference=reference)
        args: dict[str, object] = {
            "date": on.isoformat(),
            "legs": [[account, str(amount)] for account, amount in kept],
            "memo": note, "ref": reference,
        }
        self.log.append(self.user, "post_split", args, receipt.number)
        return receipt

    def record_reversal(
        self, number: int, *, on: Date | None = None, note: str | None = None
    ) -> Receipt:
        receipt = super().record_reversal(number, on=on, note=note)
        args: dict[str, object] = {
            "number": number,
            "date": None if on is None else on.isoformat(),
            "memo": note,
        }
        self.log.append(self.user, "reverse", args, receipt.number)
        return receipt


def _again(book: Book, action: str, args: Mapping[str, Any]) -> Receipt:
    """Do one recorded action; its name and its keys are those of the log's format."""
    if action == "reverse":
        day = None if args["date"] is None else as_date(args["date"])
        return book.record_reversal(args["number"], on=day, note=args["memo"])
    if action == "post_split":
        lines = [(code, Decimal(amount)) for code, amount in args["legs"]]
        return book.record_entry(
            lines, on=as_date(args["date"]), note=args["memo"], reference=args["ref"]
        )
    return book.record_transfer(
        Decimal(args["amount"]),
        source=args["credit"],
        target=args["debit"],
        on=as_date(args["date"]),
        note=args["memo"],
        reference=args["ref"],
    )


def replay(records: Iterable[AuditRecord], book: Book) -> int:
    """Do everything again that a log records; returns the number of records.

    Raises StorageError when an action does not make the entry that it made then.
    """
    count = 0
    for record in records:
        number = _again(book, record.action, record.args).number
        if number != record.result:
            raise StorageError(f"record {record.sequence} made entry {number}, not {record.result}")
        count += 1
    return count


def verify(log: AuditLog, book: Book) -> list[str]:
    """Differences between a log and a book: entries without record, records that disagree."""
    found = []
    for entry in book:
        record = log.for_entry(entry.number)
        if record is None:
            found.append(f"entry {entry.number} has no audit record")
        elif record.action == "reverse" and record.args["number"] != entry.reverses:
            found.append(f"entry {entry.number} reverses {entry.reverses}, not {record.args['number']}")
        elif record.action == "post" and Decimal(str(record.args["amount"])) != entry.total:
            found.append(f"entry {entry.number} moves {entry.total}, the log says {record.args['amount']}")
    return found
