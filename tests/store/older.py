"""A run's folder as a store of format 1 left it, built from its dump."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from harness.core.trial import TrialKey

DUMP = Path(__file__).parent / "format1" / "record.sql"
DONE = TrialKey("run", "task", "tape", "tape/m", "", 1)
UNDER_WAY = TrialKey("run", "task", "tape", "tape/m", "", 2)


def older(folder: Path) -> Path:
    """One settled trial of 26 events, and one under way."""
    folder.mkdir(parents=True)
    database = sqlite3.connect(folder / "run.sqlite")
    database.execute("PRAGMA journal_mode = WAL")
    database.executescript(DUMP.read_text("utf-8"))
    database.close()
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
