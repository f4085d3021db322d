"""The database of a run, open: for writing (`LiveDatabase`), or to be looked at without leaving a trace (`QuietDatabase`)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from harness.core.errors import StoreError
from harness.store.faults import named

BUSY_S = 30.0
AGAIN = 5
"""How often a file that changes under a look is looked at anew."""

Rows: TypeAlias = list[tuple[Any, ...]]
_Sight: TypeAlias = tuple[tuple[int, int, int, int], ...]


class LiveDatabase:
    """Open for writing; only a file that is there, because an empty one made by a typing error would be no record."""

    def __init__(self, path: Path, *, mode: str = "rw") -> None:
        self.path = path
        self._db = _connected(path, f"mode={mode}")
        self._durability("NORMAL")
        self._file = identity(path)

    def rows(self, question: str, *words: object) -> Rows:
        """Raises StoreError."""
        try:
            return self._db.execute(question, words).fetchall()
        except sqlite3.Error as fault:
            raise named(self.path, "could not be read", fault) from fault

    def script(self, text: str) -> None:
        """Statements outside a transaction. Raises StoreError."""
        try:
            self._db.executescript(text)
        except sqlite3.Error as fault:
            raise named(self.path, "could not be written", fault) from fault

    @contextmanager
    def writing(self, *, full: bool = False) -> Iterator[sqlite3.Connection]:
        """One immediate transaction, forced to disk when `full`. Raises StoreError, and nothing of it stays."""
        if full:
            self._durability("FULL")
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._still_there()
            yield self._db
            self._db.execute("COMMIT")
        except BaseException as fault:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            if isinstance(fault, sqlite3.Error):
                raise named(self.path, "could not be written", fault) from fault
            raise
        finally:
            if full:
                self._durability("NORMAL")

    def close(self) -> None:
        """The log goes into the file itself, in case somebody who only looks keeps SQLite from clearing it away."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self._db.close()

    def _durability(self, word: str) -> None:
        """NORMAL outlives a killed process, FULL a power loss; a file that is no database is told here first."""
        try:
            self._db.execute(f"PRAGMA synchronous = {word}")
        except sqlite3.Error as fault:
            raise named(self.path, "could not be opened", fault) from fault

    def _still_there(self) -> None:
        """SQLite would go on writing into a file that nobody can find any more."""
        if identity(self.path) != self._file:
            raise StoreError(f"{self.path}: removed or replaced while the run was using it")


class QuietDatabase:
    """Open for looking: the database stays byte for byte as it is, and no file appears beside it, while others may write it.

    SQLite's own read-only mode makes `-wal` and `-shm` and leaves them. So a file at rest (no log beside it) is read as an immutable one,
    and asked again should somebody have begun to write it meanwhile; one with log and index is read through these; one with a log whose
    index is missing (a copy of a killed run) is read from a copy of our own, since SQLite would have to make the index.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db: sqlite3.Connection | None = None
        self._sight: _Sight = ()
        self._aside: weakref.finalize[..., QuietDatabase] | None = None

    def rows(self, question: str, *words: object) -> Rows:
        """Raises StoreError."""
        for _ in range(AGAIN):
            database = self._current()
            try:
                found = database.execute(question, words).fetchall()
            except sqlite3.Error as fault:
                if not self._moved():
                    raise named(self.path, "could not be read", fault) from fault
            else:
                if not self._moved():
                    return found
        raise StoreError(f"{self.path}: could not be read: it changed at each of {AGAIN} looks")

    def copied(self, into: Path) -> None:
        """The whole database as one new file at `into`. Raises StoreError."""
        self.rows("SELECT 1 FROM sqlite_schema")
        database = self._current()
        try:
            copy = sqlite3.connect(into, isolation_level=None)
            try:
                database.backup(copy)
            finally:
                copy.close()
        except sqlite3.Error as fault:
            raise named(into, "could not be written", fault) from fault

    def close(self) -> None:
        """The copy that may have been made goes with it."""
        if self._db:
            self._db.close()
        if self._aside:
            self._aside()
        self._db = self._aside = None

    def _moved(self) -> bool:
        return bool(self._sight) and _sight(self.path) != self._sight

    def _current(self) -> sqlite3.Connection:
        if self._db is None or self._moved():
            self.close()
            self._db = self._opened()
        return self._db

    def _opened(self) -> sqlite3.Connection:
        self._sight = seen = _sight(self.path)
        # Empty ones are what a writer leaves that found no room: SQLite would need some to read through them.
        logged, indexed = seen[1][2] > 0, _seen(Path(f"{self.path}-shm"))[2] > 0
        if logged and indexed:
            self._sight = ()
            return _connected(self.path, "mode=ro")
        if logged:
            return _connected(self._copy(), "mode=ro")
        return _connected(self.path, "mode=ro&immutable=1")

    def _copy(self) -> Path:
        folder = tempfile.mkdtemp(prefix="longhaul-look-")
        self._aside = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        copy = Path(folder) / self.path.name
        try:
            for ending in ("", "-wal"):
                shutil.copyfile(f"{self.path}{ending}", f"{copy}{ending}")
        except OSError as fault:
            raise named(self.path, "could not be copied to be read", fault) from fault
        return copy


def identity(path: Path) -> tuple[int, int]:
    """Which file a path is; (0, 0) for none."""
    return _seen(path)[:2]


_NOTHING = (0, 0, 0, 0)


def _seen(path: Path) -> tuple[int, int, int, int]:
    """Device, inode, size in bytes, last change in ns."""
    try:
        found = path.stat()
    except OSError:
        return _NOTHING
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _sight(path: Path) -> _Sight:
    """The database, its log, and whether the log has an index."""
    index = _seen(Path(f"{path}-shm"))
    return (_seen(path), _seen(Path(f"{path}-wal")), (*index[:2], 0, 0))


def _connected(path: Path, how: str) -> sqlite3.Connection:
    try:
        where = f"file:{quote(str(path.absolute()))}?{how}"
        return sqlite3.connect(where, timeout=BUSY_S, isolation_level=None, uri=True)
    except sqlite3.Error as fault:
        raise named(path, "could not be opened", fault) from fault
