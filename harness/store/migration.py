"""An older run's record brought to today's format, with a whole copy of the old one kept beside it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from harness.core.ports import Say
from harness.store.alone import alone
from harness.store.connection import LiveDatabase, QuietDatabase
from harness.store.faults import named
from harness.store.sqlite import FORMAT, READABLE, checked
from harness.store.unforced import force


def migrate(folder: Path, say: Say) -> None:
    """Nothing for a run of today's format. Raises StoreError for a newer one, or what can't be read or written; the old one then stays.

    Killed at any moment, the run is of the old format or of the new one, never between: first the copy, under its name once it is whole,
    then one transaction in place. Refused: changing a copy and renaming it over the old file, whose log would be played into the new one.
    """
    if _format(folder) == FORMAT:
        return
    lock = folder / "migration.lock"
    with alone(lock):
        found = _format(folder)
        if found == FORMAT:
            return
        copy = folder / f"run.sqlite.format-{found}"
        _copied(folder, copy)
        _changed(folder)
        lock.unlink(missing_ok=True)  # whoever waited for it finds nothing left to do
    say(f"the record was brought from format {found} to {FORMAT}; the old one is kept as {copy}")


def _format(folder: Path) -> str:
    database = QuietDatabase(folder / "run.sqlite")
    try:
        return checked(folder, database, READABLE)
    finally:
        database.close()


def _copied(folder: Path, copy: Path) -> None:
    fresh = Path(f"{copy}.new")
    database = QuietDatabase(folder / "run.sqlite")
    try:
        fresh.unlink(missing_ok=True)
        database.copied(fresh)
        force((fresh,))
        fresh.replace(copy)
        force((folder,))
    except OSError as fault:
        raise named(copy, "could not be written", fault) from fault
    finally:
        fresh.unlink(missing_ok=True)
        database.close()


def _changed(folder: Path) -> None:
    """Format 2 is format 1 with a table of rows."""
    database = LiveDatabase(folder / "run.sqlite")
    try:
        with database.writing(full=True) as db:
            db.execute(files("harness.store").joinpath("schema_rows.sql").read_text("utf-8"))
            db.execute("UPDATE meta SET value = ? WHERE name = 'format'", (FORMAT,))
    finally:
        database.close()
