"""What a record names and what is there, side by side on disk: an examination needs the memory of one trial, however many there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from harness.core.blob import Blob
from harness.core.events import Event, TreeSeen

_OID = 40
"""Digits of git's ids; a sha256 in the same place is no object's name."""
_TABLES = """
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE blobs (sha256 TEXT, size INTEGER, place TEXT, PRIMARY KEY (sha256, size)) WITHOUT ROWID;
CREATE TABLE wanted (oid BLOB PRIMARY KEY, kind TEXT, place TEXT) WITHOUT ROWID;
CREATE TABLE objects (oid BLOB PRIMARY KEY, kind TEXT) WITHOUT ROWID;
"""
_LACKING = """
SELECT wanted.oid, wanted.kind, wanted.place, objects.kind FROM wanted LEFT JOIN objects USING (oid)
WHERE objects.kind IS NULL OR objects.kind <> wanted.kind ORDER BY wanted.place
"""


class Wanted(msgspec.Struct, frozen=True):
    """An object that is named at `place`; `found` is the kind of what bears its id, "" for nothing."""

    oid: str
    kind: str
    place: str
    found: str = ""


class Inventory:
    """A private database in a temporary file, which goes when it is closed. `place` says who named a thing first."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")

    def name(self, place: str, event: Event) -> None:
        """Take up what an event names: blobs, and of a look at the tree the tree, its manifest, and that of .git where it is kept."""
        for blob in blobs_of(event):
            self.name_blob(place, blob)
        if isinstance(event, TreeSeen):
            self.want((Wanted(event.tree, "tree", place), Wanted(event.extra, "blob", place)))
            if len(event.git) == _OID:
                self.want((Wanted(event.git, "blob", place),))

    def name_blob(self, place: str, blob: Blob) -> None:
        self._db.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?, ?)", (blob.sha256, blob.size, place))

    def want(self, objects: Iterable[Wanted]) -> None:
        """An id that is none is wanted all the same, and will be found lacking."""
        rows = ((_packed(each.oid), each.kind, each.place) for each in objects)
        self._db.executemany("INSERT OR IGNORE INTO wanted VALUES (?, ?, ?)", rows)

    def have(self, oid: str, kind: str) -> None:
        self._db.execute("INSERT OR IGNORE INTO objects VALUES (?, ?)", (_packed(oid), kind))

    def blobs(self) -> Iterator[tuple[str, Blob]]:
        """Every blob with who names it, in the order of the folder."""
        for sha256, size, place in self._db.execute("SELECT sha256, size, place FROM blobs ORDER BY sha256, size"):
            yield place, Blob(sha256, size)

    def names_blob(self, sha256: str) -> bool:
        return self._db.execute("SELECT 1 FROM blobs WHERE sha256 = ?", (sha256,)).fetchone() is not None

    def lacking(self) -> Iterator[Wanted]:
        """Objects that are named and not there, or there as another kind."""
        for oid, kind, place, found in self._db.execute(_LACKING):
            yield Wanted(oid if isinstance(oid, str) else oid.hex(), kind, place, found or "")

    def count(self, table: str) -> int:
        """How many rows: blobs, wanted, objects."""
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608  no word of a user's

    def close(self) -> None:
        self._db.close()


def blobs_of(value: object) -> Iterator[Blob]:
    """Every blob that an event names, at any depth, so that an event added later is not forgotten here."""
    if isinstance(value, Blob):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from blobs_of(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from blobs_of(each)


def _packed(oid: str) -> bytes | str:
    """Twenty bytes for git's forty digits; what is none stays as it is."""
    try:
        return bytes.fromhex(oid) if len(oid) == _OID else oid
    except ValueError:
        return oid
