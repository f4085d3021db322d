"""A book as JSON lines: a header, the accounts, then one line per entry, only ever appended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ledgerlite.accounts import Account, Chart
from ledgerlite.book import Book
from ledgerlite.entries import Entry
from ledgerlite.errors import StorageError
from ledgerlite.periods import FiscalCalendar, Period

FORMAT = "ledgerlite-journal"


class JsonLinesStore:
    """Reads and writes one file; :meth:`follow` appends new entries as they are made."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, book: Book, version: int) -> None:
        """Write the whole book; the file is replaced only once it is complete."""
        draft = self.path.with_suffix(self.path.suffix + ".new")
        with draft.open("w", encoding="utf-8") as sink:
            for record in self._records(book, version):
                sink.write(json.dumps(record, sort_keys=True, ensure_ascii=False) + "\n")
        draft.replace(self.path)

    def load(self) -> tuple[Book, int]:
        """The book and the version of its data; raises StorageError with the line at fault."""
        lines = self._lines()
        _, header = next(lines, (0, {}))
        if header.get("format") != FORMAT:
            raise StorageError(f"{self.path}: no {FORMAT} file")
        calendar = FiscalCalendar(int(header.get("first_month", 1)))  # type: ignore[call-overload]
        book = Book(Chart(), calendar, str(header["currency"]))
        for number, record in lines:
            try:
                if record["type"] == "account":
                    book.chart.add(Account.from_record(record["account"]))  # type: ignore[arg-type]
                else:
                    book.restore(Entry.from_record(record["entry"]))  # type: ignore[arg-type]
            except (KeyError, TypeError, ValueError) as error:
                raise StorageError(f"{self.path} line {number}: {error!r}") from error
        if header.get("closed_until"):
            until = date.fromisoformat(str(header["closed_until"]))
            calendar.close(Period(date(1970, 1, 1), until))
        return book, int(header["version"])  # type: ignore[call-overload]

    def follow(self, book: Book) -> None:
        """Append every new entry of a book from now on."""
        book.subscribe(self._append)

    def _append(self, entry: Entry) -> None:
        record = {"type": "entry", "entry": entry.to_record()}
        with self.path.open("a", encoding="utf-8") as sink:
            sink.write(json.dumps(record, sort_keys=True, ensure_ascii=False) + "\n")

    def _records(self, book: Book, version: int) -> Iterator[dict[str, object]]:
        closed = book.calendar.closed_until
        yield {
            "format": FORMAT,
            "version": version,
            "currency": book.currency,
            "first_month": book.calendar.first_month,
            "closed_until": closed.isoformat() if closed else None,
        }
        for account in book.chart:
            if account.parent is None:
                for member in book.chart.subtree(account.code):
                    yield {"type": "account", "account": member.to_record()}
        for entry in book:
            yield {"type": "entry", "entry": entry.to_record()}

    def _lines(self) -> Iterator[tuple[int, dict[str, object]]]:
        with self.path.open(encoding="utf-8") as source:
            for number, line in enumerate(source, start=1):
                try:
                    yield number, json.loads(line)
                except ValueError as error:
                    raise StorageError(f"{self.path} line {number}: {error}") from error
