"""The rows of earlier runs as they were kept when their trials settled: newest runs first, a bounded number, damaged ones left out."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from harness.cli.record.runs import opened, recorded
from harness.core.errors import HarnessError, PlanError
from harness.metrics.row import Row
from harness.plan import NO_MODEL
from harness.settings import Settings

MOST_RUNS, MOST_ROWS = 30, 20_000
WEIGHED = 3
"""So many runs tell how a record grows: reading the sizes of a large one's files takes a second."""


class Earlier(msgspec.Struct, frozen=True):
    """`rows` of `runs` runs; `grown`: bytes that records grew by for a trial, over `weighed` runs, 0 of none."""

    rows: tuple[Row, ...]
    runs: int
    grown: float
    weighed: int


def earlier(settings: Settings) -> Earlier:
    """What this store holds. Never raises for what it finds there."""
    rows: list[Row] = []
    runs = size = trials = weighed = 0
    for path in _newest(settings):
        if runs == MOST_RUNS or len(rows) >= MOST_ROWS:
            break
        held = _rows(path)
        if not held:
            continue
        rows, runs = rows + held, runs + 1
        if weighed < WEIGHED and any(row.model != NO_MODEL for row in held):
            size, trials, weighed = size + _weight(path), trials + len(held), weighed + 1
    return Earlier(tuple(rows[:MOST_ROWS]), runs, size / trials if trials else 0.0, weighed)


def _newest(settings: Settings) -> Iterator[Path]:
    """Newest first: a run's id begins with when it began."""
    with suppress(PlanError):
        yield from reversed(recorded(settings))


def _rows(path: Path) -> list[Row]:
    """The rows that can be read."""
    try:
        with closing(opened(path)) as store:
            kept = store.first_rows()
    except (HarnessError, sqlite3.Error, OSError):
        return []
    return [row for _, data in kept.values() if (row := _row(data)) is not None]


def _row(data: bytes) -> Row | None:
    try:
        return msgspec.json.decode(data, type=Row)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def _weight(path: Path) -> int:
    """Bytes of a run's folder on its disk."""
    found = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                found += (Path(folder) / name).lstat().st_blocks * 512
            except OSError:  # it went while we looked
                continue
    return found
