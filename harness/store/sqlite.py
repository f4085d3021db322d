"""A run's traces in one SQLite file: each event a short transaction with the fence checked inside, the settling one fully synchronous."""

from __future__ import annotations

import math
import re
import shutil
import time
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec

from harness.core.errors import StoreError
from harness.core.events import Entry, Event, Trace
from harness.core.ports import Pen
from harness.core.trial import TrialKey
from harness.store.blobs import BlobFolder
from harness.store.connection import LiveDatabase, QuietDatabase, Rows
from harness.store.faults import named
from harness.store.unforced import force, unforced

FORMAT = "2"
READABLE = ("1", "2")
SHORT = re.compile("t[0-9]{4,}")
_EVENT = msgspec.json.Decoder(Event)
_KEY = msgspec.json.Decoder(TrialKey)
DAMAGE = (msgspec.MsgspecError, ValueError, TypeError, RecursionError)
"""What decoding bytes raises that we did not write."""


class Standing(NamedTuple):
    """How far a trial is: tries begun, when it was settled (Unix seconds), and the number of its last event (0: none)."""

    tries: int
    settled: float | None
    seq: int


class SqlitePen:
    """Writes one trial's entries until another pen is begun or the trial is settled. Raises StoreError from then on."""

    def __init__(self, database: LiveDatabase, short: str, fence: int) -> None:
        self.short, self.fence = short, fence
        self._database = database

    def __call__(self, entry: Entry) -> None:
        event = msgspec.json.encode(entry.event)
        with self._database.writing() as db:
            _fenced(db.execute(_FENCE, (self.short,)).fetchone(), self)
            db.execute("INSERT INTO events VALUES (?, ?, ?, ?)", (self.short, entry.seq, entry.at, event))


_FENCE = "SELECT fence, settled FROM trials WHERE short = ?"


class RunStore:
    """One run's folder, open. Safe for many processes: each opens its own. Raises StoreError for every fault of the disk or file.

    Made from a folder it writes today's format only; `reading` gives one that writes nothing.
    """

    def __init__(self, folder: Path, database: LiveDatabase | QuietDatabase | None = None) -> None:
        self.folder = folder
        self.blobs = BlobFolder(folder / "blobs")
        if database is None:
            _current(folder)
            database = LiveDatabase(folder / "run.sqlite")
        self._db = database

    def meta(self, name: str) -> str:
        """A fact of the run (format, run, name, created, plan, finished ...), or ""."""
        rows = self._db.rows("SELECT value FROM meta WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def keep(self, name: str, value: str) -> None:
        """Such a fact, at full durability: it may name a blob."""
        unforced(self.folder).force()
        with self._live().writing(full=True) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def forget(self, name: str) -> None:
        """Such a fact does not hold any more: unlike one that is "", it was never said."""
        with self._live().writing(full=True) as db:
            db.execute("DELETE FROM meta WHERE name = ?", (name,))

    def note(self, kind: str, value: str) -> None:
        """A remark about the run as a whole (image prepared, warning), in order."""
        with self._live().writing() as db:
            db.execute("INSERT INTO notes VALUES (?, ?, ?)", (time.time(), kind, value))

    def notes(self, kind: str) -> list[str]:
        """What was noted under this word, in order."""
        rows = self._db.rows("SELECT kind, value FROM notes ORDER BY rowid")
        return [str(value) for noted, value in rows if noted == kind]

    def keys(self) -> dict[str, TrialKey]:
        """Short id -> key, in plan order. Raises StoreError for an id that is none: files are named by it."""
        found = {str(short): self._key(key) for short, key in self._db.rows("SELECT short, key FROM trials ORDER BY position")}
        for short in found:
            if not SHORT.fullmatch(short):
                raise StoreError(f"{self.folder}: {short!r} is no trial's name; `longhaul doctor RUN` tells what else is wrong")
        return found

    def settled(self) -> frozenset[TrialKey]:
        return frozenset(self._key(row[0]) for row in self._db.rows("SELECT key FROM trials WHERE settled IS NOT NULL"))

    def settled_shorts(self) -> frozenset[str]:
        """The same by short id, without decoding a key."""
        return frozenset(str(row[0]) for row in self._db.rows("SELECT short FROM trials WHERE settled IS NOT NULL"))

    def begin(self, key: TrialKey) -> Pen:
        """A pen; the one that held this trial before is dead from now on. Raises StoreError for a settled trial: its trace is closed."""
        short, live = self.short(key), self._live()
        with live.writing() as db:
            if db.execute("SELECT settled FROM trials WHERE short = ?", (short,)).fetchone()[0] is not None:
                raise StoreError(f"{short}: settled already")
            db.execute("UPDATE trials SET fence = fence + 1, tries = tries + 1 WHERE short = ?", (short,))
            fence = int(db.execute("SELECT fence FROM trials WHERE short = ?", (short,)).fetchone()[0])
        return SqlitePen(live, short, fence)

    def settle(self, key: TrialKey, pen: Pen, row: bytes = b"", judge: str = "") -> None:
        """The trial is over: in one transaction at full durability, with its row as this judge has it; what its trace names is forced first."""
        if not isinstance(pen, SqlitePen) or pen.short != self.short(key):
            raise StoreError(f"{self.short(key)}: settled with a pen that is not its own")
        unforced(self.folder).force()
        with self._live().writing(full=True) as db:
            _fenced(db.execute(_FENCE, (pen.short,)).fetchone(), pen)
            db.execute("UPDATE trials SET settled = ? WHERE short = ?", (time.time(), pen.short))
            if row:
                db.execute(_KEEP_ROW, (judge, time.time(), row, pen.short))

    def trace(self, key: TrialKey) -> Trace:
        return self.since(self.short(key), 0)

    def since(self, short: str, seq: int) -> tuple[Entry, ...]:
        """The entries of a trial after number `seq`."""
        rows = self._db.rows("SELECT seq, at, event FROM events WHERE short = ? AND seq > ? ORDER BY seq", short, seq)
        try:
            return tuple(Entry(int(seq), _figure(at), _EVENT.decode(event)) for seq, at, event in rows)
        except DAMAGE as fault:
            raise StoreError(f"{self.folder}: an event of {short} can't be read: {fault}") from fault

    def progress(self) -> dict[str, Standing]:
        """Short id -> how far it is, in plan order, without reading an event."""
        last = "(SELECT max(seq) FROM events WHERE events.short = trials.short)"
        rows = self._db.rows(f"SELECT short, tries, settled, {last} FROM trials ORDER BY position")  # noqa: S608  no word of a user's
        try:
            return {str(short): Standing(int(tries), None if at is None else _figure(at), int(seq or 0)) for short, tries, at, seq in rows}
        except DAMAGE as fault:
            raise StoreError(f"{self.folder}: how far a trial is can't be read: {fault}") from fault

    def kept_rows(self, judge: str) -> dict[str, bytes]:
        """Short id -> the row of a settled trial as this judge has it, where it is kept."""
        if not self._has_rows():
            return {}
        return {str(short): row for short, row in self._db.rows("SELECT short, CAST(row AS BLOB) FROM rows WHERE judge = ?", judge)}

    def first_rows(self) -> dict[str, tuple[str, bytes]]:
        """Short id -> who judged the settled trial first, and the row of then."""
        if not self._has_rows():
            return {}
        rows = self._db.rows("SELECT short, judge, CAST(row AS BLOB) FROM rows ORDER BY rowid DESC")
        return {str(short): (str(judge), row) for short, judge, row in rows}

    def keep_rows(self, judge: str, rows: dict[str, bytes]) -> None:
        """Keep what this judge says, beside what others said; of settled trials only, since the others will change."""
        with self._live().writing() as db:
            db.executemany(_KEEP_ROW, [(judge, time.time(), row, short) for short, row in rows.items()])

    def rows(self, question: str, *words: object) -> Rows:
        """Any question of SQL, for those who examine the record itself."""
        return self._db.rows(question, *words)

    def short(self, key: TrialKey) -> str:
        rows = self._db.rows("SELECT short FROM trials WHERE key = ?", _key_text(key))
        if not rows:
            raise StoreError(f"{self.folder}: no such trial: {key}")
        return str(rows[0][0])

    def tries(self, key: TrialKey) -> int:
        return int(self._db.rows("SELECT tries FROM trials WHERE short = ?", self.short(key))[0][0])

    def close(self) -> None:
        self._db.close()

    def _live(self) -> LiveDatabase:
        if isinstance(self._db, QuietDatabase):
            raise StoreError(f"{self.folder}: opened for reading only")
        return self._db

    def _has_rows(self) -> bool:
        return bool(self._db.rows("SELECT 1 FROM sqlite_schema WHERE name = 'rows'"))

    def _key(self, text: str) -> TrialKey:
        try:
            return _KEY.decode(text)
        except DAMAGE as fault:
            raise StoreError(f"{self.folder}: the key of a trial can't be read: {fault}") from fault


_KEEP_ROW = """INSERT INTO rows (short, judge, made, row) SELECT short, ?, ?, ? FROM trials WHERE short = ? AND settled IS NOT NULL
ON CONFLICT (short, judge) DO UPDATE SET row = excluded.row"""


def _fenced(found: tuple[int, float | None], pen: SqlitePen) -> None:
    fence, settled = found
    if fence != pen.fence:
        raise StoreError(f"{pen.short}: another worker holds the pen")
    if settled is not None:
        raise StoreError(f"{pen.short}: settled already")


def reading(folder: Path) -> RunStore:
    """A run's store to be looked at, of this format or an older one; nothing in the folder is touched. Raises StoreError."""
    database = QuietDatabase(folder / "run.sqlite")
    try:
        checked(folder, database, READABLE)
    except StoreError:
        database.close()
        raise
    return RunStore(folder, database)


def _current(folder: Path) -> None:
    """Raises StoreError unless the folder holds a run of today's format; looked at quietly, so that a refused one stays as it is."""
    database = QuietDatabase(folder / "run.sqlite")
    try:
        checked(folder, database, (FORMAT,))
    finally:
        database.close()


def checked(folder: Path, database: QuietDatabase, formats: tuple[str, ...]) -> str:
    """The store's format. Raises StoreError, in one sentence, for what is no record or of another format."""
    if not (folder / "run.sqlite").is_file():
        raise StoreError(f"{folder / 'run.sqlite'}: unable to open: there is no such file")
    if not database.rows("SELECT 1 FROM sqlite_schema WHERE name = 'meta'"):
        raise StoreError(f"{folder / 'run.sqlite'}: not the record of a run")
    rows = database.rows("SELECT value FROM meta WHERE name = 'format'")
    found = str(rows[0][0]) if rows else "unknown"
    if found not in formats:
        older = found in READABLE
        advice = "`longhaul resume` brings it up to date and keeps a copy" if older else "a later longhaul reads it"
        raise StoreError(f"{folder}: store format {found}, this version {'writes' if older else 'reads'} {' and '.join(formats)}; {advice}")
    return found


def create(folder: Path, keys: tuple[TrialKey, ...], meta: dict[str, str]) -> RunStore:
    """A new run's store with its planned trials. Raises StoreError where the folder exists or can't be written, and then leaves nothing."""
    try:
        folder.mkdir(parents=True)
    except OSError as fault:
        raise named(folder, "could not be made", fault) from fault
    try:
        _found(folder, keys, meta)
    except OSError as fault:
        shutil.rmtree(folder, ignore_errors=True)
        raise named(folder, "could not be made", fault) from fault
    except BaseException:  # Ctrl-C, too
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return RunStore(folder)


def _found(folder: Path, keys: tuple[TrialKey, ...], meta: dict[str, str]) -> None:
    """A folder is a run once it holds run.sqlite, so that name comes last."""
    (folder / "blobs").mkdir()
    database = LiveDatabase(folder / "run.sqlite.new", mode="rwc")
    try:
        database.script("PRAGMA journal_mode = WAL")
        for part in ("schema.sql", "schema_rows.sql"):
            database.script(files("harness.store").joinpath(part).read_text("utf-8"))
        with database.writing(full=True) as db:
            db.executemany("INSERT INTO meta VALUES (?, ?)", {"format": FORMAT, **meta}.items())
            rows = [(f"t{position:04d}", position, _key_text(key)) for position, key in enumerate(keys, 1)]
            db.executemany("INSERT INTO trials (short, position, key) VALUES (?, ?, ?)", rows)
    finally:
        database.close()
    (folder / "run.sqlite.new").replace(folder / "run.sqlite")
    force((folder / "run.sqlite", folder, folder.parent))


def _figure(value: float) -> float:
    """SQLite takes a word where a number is declared, and numbers without end. Raises ValueError, TypeError."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no time")
    return value


def _key_text(key: TrialKey) -> str:
    return msgspec.json.encode(key).decode()
