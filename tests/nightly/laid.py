"""Runs laid on a disk in a moment: a real store with one trial, settled or not."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from harness.cli.record.runs import remember
from harness.core.events import Entry, Event
from harness.core.trial import TrialKey
from harness.plan import AgentEntry, Plan
from harness.store.sqlite import create
from tests.report.recorded import TASK, events


def laid(home: Path, run: str, *, name: str = "", done: bool = True, days: float = 100.0, more: tuple[Event, ...] = (), **facts: str) -> Path:
    """The run's folder. `days`: since its record changed; `more`: events between the first of its trial and the rest; `facts` of the run."""
    key = TrialKey(run, TASK.id, "coder", "none", "", 1)
    plan = Plan(("bundled",), agents=(AgentEntry("coder"),), forkable=bool(more))
    meta = {"run": run, "name": name, "created": "2026-01-01T20:00:00+0000", "plan": msgspec.json.encode(plan).decode(), "harness": "0.1.0 h"}
    store = create(home / "runs" / run, (key,), meta | facts)
    remember(store, (TASK,))
    pen = store.begin(key)
    first, *rest = (entry.event for entry in events(key))
    told = (first, *more, *rest) if done else (first,)
    for seq, event in enumerate(told, 1):
        pen(Entry(seq, float(seq), event))
    if done:
        store.settle(key, pen)
        store.keep("finished", "2026-01-01T23:00:00+0000")
    store.close()
    then = (home / "runs" / run / "run.sqlite").stat().st_mtime - days * 86400
    for path in (home / "runs" / run).glob("run.sqlite*"):
        os.utime(path, (then, then))
    return home / "runs" / run
