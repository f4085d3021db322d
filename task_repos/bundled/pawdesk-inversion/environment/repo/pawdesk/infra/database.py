"""Documents in SQLite: collections of JSON bodies with an id, and number series that never give a number twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pawdesk.errors import NotFound, NotOpen

Document = dict[str, Any]
SCHEMA = """
create table if not exists documents (collection text, id text, body text, primary key (collection, id));
create table if not exists series (name text primary key, value integer);
"""


class Database:
    """One practice's documents."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self._link = sqlite3.connect(str(path), isolation_level=None)
        self._link.executescript(SCHEMA)
        self._depth = 0

    def insert(self, collection: str, body: Document) -> str:
        """Stores a new document; without an id in the body it gets the next one of its collection."""
        key = body.get("id") or f"{collection[:3]}-{self.next_number(collection):04d}"
        text = json.dumps({**body, "id": key}, sort_keys=True)
        self._link.execute("insert into documents values (?, ?, ?)", (collection, key, text))
        return key

    def put(self, collection: str, key: str, body: Document) -> None:
        """Replaces a document that is there."""
        self.get(collection, key)
        text = json.dumps({**body, "id": key}, sort_keys=True)
        self._link.execute("update documents set body = ? where collection = ? and id = ?", (text, collection, key))

    def get(self, collection: str, key: str) -> Document:
        row = self._link.execute("select body from documents where collection = ? and id = ?", (collection, key)).fetchone()
        if row is None:
            raise NotFound(collection, key)
        return json.loads(row[0])

    def find(self, collection: str, **equals: Any) -> list[Document]:
        """Documents whose fields have these values, ordered by id."""
        rows = self._link.execute("select body from documents where collection = ? order by id", (collection,))
        found = (json.loads(body) for (body,) in rows)
        return [each for each in found if all(each.get(name) == value for name, value in equals.items())]

    def count(self, collection: str, **equals: Any) -> int:
        return len(self.find(collection, **equals))

    def remove(self, collection: str, key: str) -> None:
        self.get(collection, key)
        self._link.execute("delete from documents where collection = ? and id = ?", (collection, key))

    def next_number(self, series: str) -> int:
        """The next number of a series, beginning with one."""
        row = self._link.execute("select value from series where name = ?", (series,)).fetchone()
        number = (row[0] if row else 0) + 1
        self._link.execute("insert or replace into series values (?, ?)", (series, number))
        return number

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inner transactions belong to the outer one."""
        if self._depth == 0:
            self._link.execute("begin")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._link.execute("rollback")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._link.execute("commit")

    def collections(self) -> list[str]:
        return [name for (name,) in self._link.execute("select distinct collection from documents order by collection")]

    def close(self) -> None:
        self._link.close()


_database: Database | None = None


def connect(path: str | Path = ":memory:") -> Database:
    """Opens the database of the process."""
    global _database
    _database = Database(path)
    return _database


def disconnect() -> None:
    global _database
    if _database is not None:
        _database.close()
    _database = None


def db() -> Database:
    """The database of the process."""
    if _database is None:
        raise NotOpen("no practice is open")
    return _database
