"""A run's rows, read from its store and its tasks; a task that is gone leaves its rows readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from harness.core.events import Trace
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.metrics.row import Row, row
from harness.report.overview import About

NOTED = ("limit", "accepted")
"""Kinds of notes that a reader of figures must know: why no more trials began, and what changed under way."""


class Readable(Protocol):
    """What of a store is needed to read it."""

    def keys(self) -> dict[str, TrialKey]: ...

    def trace(self, key: TrialKey) -> Trace: ...

    def meta(self, name: str) -> str: ...

    def notes(self, kind: str) -> list[str]: ...

    def kept_rows(self, judge: str) -> dict[str, bytes]: ...


def rows(store: Readable, tasks: Mapping[str, TaskSpec], judge: str = "") -> tuple[Row, ...]:
    """One row per planned trial, in plan order.

    The kept row of a settled trial where this judge made it, so that traces stay unread; else, and for the judge "", from the trace.
    """
    kept = store.kept_rows(judge) if judge else {}
    return tuple(_kept(kept.get(short)) or row(short, key, tasks[key.task], store.trace(key)) for short, key in store.keys().items())


def _kept(data: bytes | None) -> Row | None:
    """None also for a kept row that can't be read: it is a cache, and the trace has all of it."""
    try:
        return msgspec.json.decode(data, type=Row) if data else None
    except msgspec.MsgspecError:
        return None


def about(store: Readable) -> About:
    """The run's own facts."""
    meta = store.meta
    picked = (("chosen", words),) if (words := meta("chosen")) else ()
    notes = (*picked, *((kind, words) for kind in NOTED for words in store.notes(kind)))
    return About(meta("run"), meta("name"), meta("created"), meta("finished"), meta("harness"), meta("host"), meta("plan"), notes)
