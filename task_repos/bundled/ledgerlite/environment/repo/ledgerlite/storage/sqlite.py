"""A book in SQLite: accounts, entries and legs as tables, amounts as text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledgerlite.accounts import Account, Chart
from ledgerlite.book import Book
from ledgerlite.entries import Draft, Entry, Leg
from ledgerlite.errors import StorageError
from ledgerlite.periods import FiscalCalendar, Period
from ledgerlite.posting import post_batch

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (code TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, day TEXT NOT NULL, memo TEXT NOT NULL,
    ref TEXT UNIQUE, reverses INTEGER REFERENCES entries (number)
);
CREATE TABLE IF NOT EXISTS legs (
    number INTEGER NOT NULL REFERENCES entries (number),
    position INTEGER NOT NULL, account TEXT NOT NULL, amount TEXT NOT NULL,
    PRIMARY KEY (number, position)
);
CREATE TABLE IF NOT EXISTS drafts (
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, legs TEXT NOT NULL, memo TEXT NOT NULL, ref TEXT
);
CREATE INDEX IF NOT EXISTS legs_by_account ON legs (account);
"""


class SqliteStore:
    """One database file per book; drafts may wait in it until somebody enters them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as db:
            db.executescript(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.path)
        try:
            with db:
                yield db
        finally:
            db.close()

    def save(self, book: Book, version: int) -> int:
        """Write what the database lacks; returns how many entries were new.

        Entries are never rewritten.  A database that is ahead of the book is an error.
        """
        with self._open() as db:
            known = db.execute("SELECT count(*) FROM entries").fetchone()[0]
            if known > len(book):
                raise StorageError(f"{self.path} has {known} entries, the book {len(book)}")
            self._save_meta(db, book, version)
            fresh = [book.entry(number) for number in range(known + 1, len(book) + 1)]
            for entry in fresh:
                self._insert(db, entry)
        return len(fresh)

    def load(self) -> tuple[Book, int]:
        """The book and the version of its data."""
        with self._open() as db:
            meta = dict(db.execute("SELECT key, value FROM meta"))
            if "version" not in meta:
                raise StorageError(f"{self.path} holds no book")
            calendar = FiscalCalendar(int(meta["first_month"]))
            book = Book(Chart(), calendar, meta["currency"])
            self._load_accounts(db, book.chart)
            for entry in self._load_entries(db):
                book.restore(entry)
        if meta.get("closed_until"):
            calendar.close(Period(date(1970, 1, 1), date.fromisoformat(meta["closed_until"])))
        return book, int(meta["version"])

    def keep_draft(self, draft: Draft) -> int:
        """Put a draft aside; returns its id."""
        legs = json.dumps([[code, str(amount)] for code, amount in draft.legs])
        with self._open() as db:
            row = (draft.date.isoformat(), legs, draft.memo, draft.ref)
            cursor = db.execute("INSERT INTO drafts (day, legs, memo, ref) VALUES (?, ?, ?, ?)", row)
        return int(cursor.lastrowid or 0)

    def drafts(self) -> list[Draft]:
        with self._open() as db:
            rows = db.execute("SELECT day, legs, memo, ref FROM drafts ORDER BY id").fetchall()
        return [
            Draft(
                date.fromisoformat(day),
                tuple((code, Decimal(amount)) for code, amount in json.loads(legs)),
                memo,
                ref,
                "store",
            )
            for day, legs, memo, ref in rows
        ]

    def enter_drafts(self, book: Book, version: int, strict: bool = True) -> list[int]:
        """Enter the waiting drafts into a book, save it and empty the waiting list.

        With ``strict`` one bad draft raises BatchRejected and all drafts stay.
        """
        numbers = post_batch(book, self.drafts(), strict)
        self.save(book, version)
        with self._open() as db:
            db.execute("DELETE FROM drafts")
        return numbers

    def balance(self, account: str) -> Decimal:
        """Balance of an account straight from the tables, for checks against the book."""
        with self._open() as db:
            rows = db.execute("SELECT amount FROM legs WHERE account = ?", (account,)).fetchall()
        return sum((Decimal(amount) for (amount,) in rows), Decimal("0.00"))

    def _save_meta(self, db: sqlite3.Connection, book: Book, version: int) -> None:
        closed = book.calendar.closed_until
        meta = {
            "version": str(version),
            "currency": book.currency,
            "first_month": str(book.calendar.first_month),
            "closed_until": closed.isoformat() if closed else "",
        }
        db.executemany("REPLACE INTO meta VALUES (?, ?)", meta.items())
        rows = [(a.code, json.dumps(a.to_record(), sort_keys=True)) for a in book.chart]
        db.executemany("REPLACE INTO accounts VALUES (?, ?)", rows)

    def _insert(self, db: sqlite3.Connection, entry: Entry) -> None:
        row = (entry.number, entry.date.isoformat(), entry.memo, entry.ref, entry.reverses)
        db.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", row)
        legs = [(entry.number, i, leg.account, str(leg.amount)) for i, leg in enumerate(entry.legs)]
        db.executemany("INSERT INTO legs VALUES (?, ?, ?, ?)", legs)

    def _load_accounts(self, db: sqlite3.Connection, chart: Chart) -> None:
        waiting = [Account.from_record(json.loads(text)) for (text,) in db.execute("SELECT record FROM accounts")]
        while waiting:
            ready = [a for a in waiting if a.parent is None or a.parent in chart]
            if not ready:
                raise StorageError(f"{self.path}: account {waiting[0].code} has no parent")
            for account in ready:
                chart.add(account)
            waiting = [a for a in waiting if a.code not in chart]

    def _load_entries(self, db: sqlite3.Connection) -> list[Entry]:
        legs: dict[int, list[Leg]] = {}
        for number, account, amount in db.execute(
            "SELECT number, account, amount FROM legs ORDER BY number, position"
        ):
            legs.setdefault(number, []).append(Leg(account, Decimal(amount)))
        rows = db.execute("SELECT number, day, memo, ref, reverses FROM entries ORDER BY number")
        return [
            Entry(number, date.fromisoformat(day), tuple(legs.get(number, ())), memo, ref, reverses)
            for number, day, memo, ref, reverses in rows
        ]
