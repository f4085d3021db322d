"""Events a second through the pen beside bare SQLite, and bytes an event takes beside the words it carries, from a trial on the engine."""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, longhaul, told
from harness.core.chat import ToolCall
from harness.core.events import Entry, Event, PartAdded, ToolCalled
from harness.core.trial import TrialKey
from harness.store.sqlite import create, reading

FULL, QUICK = 20_000, 2_000
KEY = TrialKey("r", "task", "coder", "none", "", 1)
MEDIAN_BYTES, SHARE, PACE = 2000.0, 0.1, 1000.0
"""`SHARE`: of the pace of SQLite alone with a commit for each event."""


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """The events of a scripted coder on a bundled task, then the same events again and again."""
    number = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        longhaul(home, "run", "-t", "bundled#weather-spread", "-m", "scripted/demo", "-n", "1", "--quiet")
        store = reading(next((home / "runs").iterdir()))
        events = [entry.event for key in store.keys().values() for entry in store.trace(key)]
        store.close()
        ours, bare = ours_pace(home / "ours", events, number), bare_pace(home / "bare.sqlite", events, number)
    beside = sorted(len(msgspec.json.encode(event)) - words(event) for event in events)
    return (
        Figure("per_second", "events written a second, each durable against a killed process", ours, "per second", least=PACE),
        Figure("to_bare", "the same beside SQLite alone, a commit for each", ours / bare, "x", least=SHARE),
        Figure("median_bytes", "bytes of an event beside its words, median", statistics.median(beside), "bytes", most=MEDIAN_BYTES),
        Figure("p99_bytes", "the same, the largest but one in a hundred", beside[len(beside) * 99 // 100], "bytes"),
    )


def words(event: Event) -> int:
    """Bytes of the event's JSON that are words of the model, the task or a tool: they would be as long anywhere."""
    match event:
        case PartAdded(content=ToolCall(raw_arguments=text)) | ToolCalled(raw_arguments=text):
            return len(msgspec.json.encode(text))
        case PartAdded():
            return len(msgspec.json.encode(event.content.text))
        case _:
            return 0


def ours_pace(folder: Path, events: list[Event], number: int) -> float:
    store = create(folder, (KEY,), {"run": "r"})
    pen = store.begin(KEY)
    began = time.perf_counter()
    for seq, event in _repeated(events, number):
        pen(Entry(seq, float(seq), event))
    seconds = time.perf_counter() - began
    store.close()
    return number / seconds


def bare_pace(path: Path, events: list[Event], number: int) -> float:
    """One table, the same bytes, the same durability; no fence is asked."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, at REAL, event BLOB)")
        began = time.perf_counter()
        for seq, event in _repeated(events, number):
            database.execute("INSERT INTO events VALUES (?, ?, ?)", (seq, float(seq), msgspec.json.encode(event)))
        return number / (time.perf_counter() - began)


def _repeated(events: list[Event], number: int) -> Iterator[tuple[int, Event]]:
    return ((seq, events[seq % len(events)]) for seq in range(1, number + 1))


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
