"""Stamps events with place and time, writes them, and keeps the running spend."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.core.events import Entry, Event, GradeRan, Trace
from harness.core.parts import plain
from harness.core.ports import Observer, Pen
from harness.core.trial import TrialKey
from harness.metrics.spend import Spend, spend


class Recorder:
    """One trial's recorder; continues the numbering and the clock of the tries before."""

    def __init__(self, key: TrialKey, pen: Pen, now: Callable[[], float], observer: Observer, past: Trace = ()) -> None:
        self._key, self._pen, self._now, self._observer = key, pen, now, observer
        self._seq = past[-1].seq if past else 0
        self._zero = now() - (past[-1].at if past else 0.0)
        self.spent = Spend()

    def __call__(self, event: Event) -> None:
        """Durable on return. Raises StoreError."""
        entry = Entry(self._seq + 1, round(self._now() - self._zero, 6), legible(event) if isinstance(event, GradeRan) else event)
        self._pen(entry)
        # Counted only now: a number lost with an event that could not be written would look like a hole in the record.
        self._seq = entry.seq
        self.spent = spend(self.spent, entry)
        self._observer.see(self._key, entry)


def legible(event: GradeRan) -> GradeRan:
    """What graded work named (paths, tests, keys of a reward) may be no text at all: escaped here once, so that no name of its can break a trial."""
    return msgspec.structs.replace(
        event, detail=plain(event.detail), restored=tuple(map(plain, event.restored)), demanded=tuple(map(plain, event.demanded)),
        evidence=tuple(map(plain, event.evidence)), canary=event.canary and (plain(event.canary[0]), plain(event.canary[1])),
        results=tuple(msgspec.structs.replace(result, id=plain(result.id)) for result in event.results),
        rewards=tuple((plain(key), figure) for key, figure in event.rewards),
    )  # fmt: skip
