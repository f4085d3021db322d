"""The record's database on its way: a consistent copy while the run goes on, and what one from elsewhere must be before it is believed."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import msgspec

from harness.core.errors import StoreError, StoreFullError
from harness.core.trial import TrialKey
from harness.exchange.manifest import DATABASE, RUN
from harness.exchange.refusal import RefusedError
from harness.store.connection import QuietDatabase
from harness.store.sqlite import FORMAT

TABLES = ("events", "meta", "notes", "trials")
"""Of the record itself; the cache of rows comes along and counts for nothing where two records are compared."""
_BLOB = re.compile(rb'"sha256":"([0-9a-f]{64})","size":\d+')
"""A named blob as an event's JSON spells it; inside a string its quotes would be escaped."""


class Facts(msgspec.Struct, frozen=True):
    """What a record says of itself."""

    run: str
    name: str
    created: str
    store: str
    harness: str


def copy(source: Path, target: Path) -> None:
    """The database as one moment saw it; writers go on meanwhile. Raises RefusedError, and StoreFullError where there is no room for it."""
    live = QuietDatabase(source)
    try:
        live.copied(target)
    except StoreFullError:
        raise
    except StoreError as fault:
        raise RefusedError(DATABASE, f"a database that can't be copied: {fault}", "the record of a run") from fault
    finally:
        live.close()


def inspected(path: Path) -> Facts:
    """A copy at rest, checked from end to end. Raises RefusedError where it is damaged, newer, or no record."""
    with _reading(path) as database:
        found = [str(row[0]) for row in database.execute("PRAGMA quick_check(1)")]
        if found != ["ok"]:
            raise RefusedError(DATABASE, f"damage: {' '.join(found[0].split())}", "a whole database")
        _shaped(database)
        meta = {str(name): str(value) for name, value in database.execute("SELECT name, value FROM meta")}
        facts = Facts(*(meta.get(name, "") for name in ("run", "name", "created", "format", "harness")))
        _ours(facts)
        _trials(database, facts.run)
    return facts


def named(path: Path) -> Iterator[tuple[str, str]]:
    """Where a blob is named (a trial's event, or the run) and its sha256; one that is named often comes often."""
    with _reading(path) as database:
        questions = ("SELECT 'the run', CAST(value AS BLOB) FROM meta", "SELECT short || ' event ' || seq, CAST(event AS BLOB) FROM events")
        for question in questions:
            for where, text in database.execute(question):
                yield from ((str(where), digest.decode()) for digest in _BLOB.findall(text))


def fingerprint(path: Path) -> str:
    """Sha256 over every row of the record, its format and the cache of rows left out: the same for two stores of one content."""
    digest = hashlib.sha256()
    questions = (
        "SELECT name, value FROM meta WHERE name != 'format' ORDER BY name",
        "SELECT short, position, key, settled FROM trials ORDER BY short",
        "SELECT short, seq, at, CAST(event AS BLOB) FROM events ORDER BY short, seq",
        "SELECT at, kind, value FROM notes ORDER BY rowid",
    )
    with _reading(path) as database:
        for question in questions:
            for row in database.execute(question):
                digest.update(msgspec.msgpack.encode(row))
    return digest.hexdigest()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A copy that nobody writes, opened so that no file appears beside it; functions in its schema are not trusted."""
    try:
        where = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(where, isolation_level=None, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            yield database
    except sqlite3.Error as fault:
        raise RefusedError(DATABASE, f"a database that can't be read: {fault}", "the record of a run") from fault


def _shaped(database: sqlite3.Connection) -> None:
    """Plain tables alone: a view, a trigger or a computed column would be somebody's program."""
    rows = database.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema").fetchall()
    for kind, name, text in rows:
        if kind not in ("table", "index") or re.match(r"\s*CREATE\s+VIRTUAL", text, re.IGNORECASE):
            raise RefusedError(DATABASE, f"a {kind} named {name}", "the plain tables of a record")
        hidden = [row for row in database.execute("SELECT hidden FROM pragma_table_xinfo(?)", (name,)) if row[0]]
        if hidden:
            raise RefusedError(DATABASE, f"a computed column in {name}", "the plain tables of a record")
    missing = sorted(set(TABLES) - {name for kind, name, _ in rows if kind == "table"})
    if missing:
        raise RefusedError(DATABASE, f"no table {missing[0]}", "the record of a run")


def _ours(facts: Facts) -> None:
    if not re.fullmatch(r"[0-9]{1,9}", facts.store) or int(facts.store) > int(FORMAT):
        found = facts.store if facts.store.isalnum() and facts.store.isascii() else repr(facts.store)
        raise RefusedError(DATABASE, f"store format {found[:40] if facts.store else 'none'}", f"{FORMAT} or older, which this version reads")
    if not RUN.fullmatch(facts.run):
        raise RefusedError(DATABASE, f"the run id {facts.run!r}", "letters, digits, dots and dashes")


def _trials(database: sqlite3.Connection, run: str) -> None:
    """Short ids become names of files in reports, so they are held to their form here."""
    for short, key in database.execute("SELECT short, key FROM trials"):
        try:
            told = msgspec.json.decode(key, type=TrialKey)
        except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as fault:
            raise RefusedError(DATABASE, f"a trial's key that can't be read: {fault}", "the record of a run") from fault
        if not re.fullmatch(r"t[0-9]{4,9}", str(short)) or told.run != run:
            raise RefusedError(DATABASE, f"the trial {short!r} of {told.run!r}", f"t0001 and so on, of {run}")
