"""A book that writes an audit record for every entry, and the replay of such a log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from decimal import Decimal

from ledgerlite.accounts import Chart
from ledgerlite.audit.log import AuditLog, AuditRecord
from ledgerlite.book import Book
from ledgerlite.dates import as_date
from ledgerlite.errors import StorageError
from ledgerlite.money import coerce
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

    def post(
        self,
        date: Date | str,
        debit: str,
        credit: str,
        amount: Decimal | int | str | float,
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        number = super().post(date, debit, credit, amount, memo, ref)
        args: dict[str, object] = {
            "date": as_date(date).isoformat(), "debit": debit, "credit": credit,
            "amount": str(coerce(amount)), "memo": memo, "ref": ref,
        }
        self.log.append(self.user, "post", args, number)
        return number

    def post_split(
        self,
        date: Date | str,
        legs: Iterable[tuple[str, Decimal]],
        memo: str = "",
        ref: str | None = None,
    ) -> int:
        kept = list(legs)
        number = super().post_split(date, kept, memo, ref)
        args: dict[str, object] = {
            "date": as_date(date).isoformat(),
            "legs": [[account, str(amount)] for account, amount in kept],
            "memo": memo, "ref": ref,
        }
        self.log.append(self.user, "post_split", args, number)
        return number

    def reverse(self, number: int, date: Date | str | None = None, memo: str | None = None) -> int:
        made = super().reverse(number, date, memo)
        args: dict[str, object] = {
            "number": number,
            "date": None if date is None else as_date(date).isoformat(),
            "memo": memo,
        }
        self.log.append(self.user, "reverse", args, made)
        return made


def replay(records: Iterable[AuditRecord], book: Book) -> int:
    """Do everything again that a log records; returns the number of records.

    Raises StorageError when an action does not make the entry that it made then.
    """
    count = 0
    for record in records:
        args = dict(record.args)
        if record.action == "post_split":
            args["legs"] = [(code, Decimal(amount)) for code, amount in args["legs"]]  # type: ignore[union-attr]
        number = getattr(book, record.action)(**args)
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
