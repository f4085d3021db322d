"""A run's traces in one SQLite file: each event a short transaction with the fence checked inside, the settling one fully synchronous."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from harness.core.errors import StoreError
from harness.core.events import Entry, Event, Trace
from harness.core.ports import Pen
from harness.core.trial import TrialKey
from harness.store.blobs import BlobFolder

FORMAT = "1"
_EVENT = msgspec.json.Decoder(Event)
_BUSY_S = 30.0


class RunStore:
    """One run's folder, open. Safe for many processes: each opens its own. Raises StoreError for every fault of the disk or file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = BlobFolder(folder / "blobs")
        self._db = _connect(folder / "run.sqlite")
        self._file = _identity(folder / "run.sqlite")
        found = self.meta("format")
        if found != FORMAT:
            raise StoreError(f"{folder}: store format {found}, this version reads {FORMAT}")

    def meta(self, name: str) -> str:
        """A fact of the run (format, run, name, created, plan, finished ...), or ""."""
        rows = self._rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def note(self, kind: str, value: str) -> None:
        """A remark about the run as a whole (image prepared, warning), in order."""
        with _writing(self._db):
            self._db.execute("INSERT INTO notes VALUES (?, ?, ?)", (time.time(), kind, value))

    def notes(self, kind: str) -> list[str]:
        """What was noted under this word, in order."""
        return [str(value) for noted, value in self._rows("SELECT kind, value FROM notes ORDER BY rowid") if noted == kind]

    def keep(self, name: str, value: str) -> None:
        with _writing(self._db):
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def keys(self) -> dict[str, TrialKey]:
        """Short id -> key, in plan order."""
        rows = self._rows("SELECT short, key FROM trials ORDER BY position")
        return {str(short): msgspec.json.decode(key, type=TrialKey) for short, key in rows}

    def settled(self) -> frozenset[TrialKey]:
        rows = self._rows("SELECT key FROM trials WHERE settled IS NOT NULL")
        return frozenset(msgspec.json.decode(row[0], type=TrialKey) for row in rows)

    def begin(self, key: TrialKey) -> Pen:
        """A pen; the one that held this trial before is dead from now on."""
        short = self.short(key)
        with _writing(self._db):
            self._db.execute("UPDATE trials SET fence = fence + 1, tries = tries + 1 WHERE short = ?", (short,))
            fence = int(self._db.execute("SELECT fence FROM trials WHERE short = ?", (short,)).fetchone()[0])

        def pen(entry: Entry) -> None:
            with _writing(self._db):
                self._fenced(short, fence)
                event = msgspec.json.encode(entry.event)
                self._db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (short, entry.seq, entry.at, event))

        pen.fence = fence  # type: ignore[attr-defined]
        return pen

    def settle(self, key: TrialKey, pen: Pen) -> None:
        """The trial is over, at full durability."""
        short = self.short(key)
        self._db.execute("PRAGMA synchronous = FULL")
        try:
            with _writing(self._db):
                self._fenced(short, pen.fence)  # type: ignore[attr-defined]
                self._db.execute("UPDATE trials SET settled = ? WHERE short = ?", (time.time(), short))
        finally:
            self._db.execute("PRAGMA synchronous = NORMAL")

    def trace(self, key: TrialKey) -> Trace:
        rows = self._rows("SELECT seq, at, event FROM events WHERE short = ? ORDER BY seq", self.short(key))
        try:
            return tuple(Entry(seq, at, _EVENT.decode(event)) for seq, at, event in rows)
        except msgspec.MsgspecError as fault:
            raise StoreError(f"{self.folder}: an event of {self.short(key)} can't be read: {fault}") from fault

    def short(self, key: TrialKey) -> str:
        rows = self._rows("SELECT short FROM trials WHERE key = ?", _key_text(key))
        if not rows:
            raise StoreError(f"{self.folder}: no such trial: {key}")
        return str(rows[0][0])

    def tries(self, key: TrialKey) -> int:
        return int(self._rows("SELECT tries FROM trials WHERE key = ?", _key_text(key))[0][0])

    def close(self) -> None:
        self._db.close()

    def _fenced(self, short: str, fence: int) -> None:
        now = self._db.execute("SELECT fence FROM trials WHERE short = ?", (short,)).fetchone()[0]
        if now != fence:
            raise StoreError(f"{short}: another worker holds the pen")
        if _identity(self.folder / "run.sqlite") != self._file:
            raise StoreError(f"{self.folder / 'run.sqlite'}: removed or replaced while the run was using it")

    def _rows(self, question: str, *words: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(question, words).fetchall()
        except sqlite3.Error as fault:
            raise StoreError(f"{self.folder / 'run.sqlite'}: could not be read: {fault}") from fault


def create(folder: Path, keys: tuple[TrialKey, ...], meta: dict[str, str]) -> RunStore:
    """A new run's store with its planned trials. Raises StoreError where the folder exists or can't be written."""
    try:
        folder.mkdir(parents=True)
        (folder / "blobs").mkdir()
    except OSError as fault:
        raise StoreError(f"{folder}: could not be made: {fault.strerror}") from fault
    database = _connect(folder / "run.sqlite", mode="rwc")
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(files("harness.store").joinpath("schema.sql").read_text("utf-8"))
    except sqlite3.Error as fault:
        raise StoreError(f"{folder / 'run.sqlite'}: could not be made: {fault}") from fault
    with _writing(database):
        for name, value in {"format": FORMAT, **meta}.items():
            database.execute("INSERT INTO meta VALUES (?, ?)", (name, value))
        for position, key in enumerate(keys, 1):
            row = (f"t{position:04d}", position, _key_text(key))
            database.execute("INSERT INTO trials (short, position, key) VALUES (?, ?, ?)", row)
    database.close()
    return RunStore(folder)


def _key_text(key: TrialKey) -> str:
    return msgspec.json.encode(key).decode()


def _identity(path: Path) -> tuple[int, int]:
    """Which file a path is; SQLite would go on writing to one that nobody can find any more."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """By default only a file that is there: an empty one made by a typing error would be no record."""
    try:
        where = f"file:{quote(str(path.absolute()))}?mode={mode}"
        database = sqlite3.connect(where, timeout=_BUSY_S, isolation_level=None, uri=True)
        database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error as fault:
        raise StoreError(f"{path}: {fault}") from fault
    return database


@contextmanager
def _writing(database: sqlite3.Connection) -> Iterator[None]:
    """One immediate transaction; every fault of SQLite becomes a StoreError and nothing of it stays."""
    try:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("COMMIT")
    except BaseException as fault:
        if database.in_transaction:
            database.execute("ROLLBACK")
        if isinstance(fault, sqlite3.Error):
            raise StoreError(f"the record could not be written: {fault}") from fault
        raise
