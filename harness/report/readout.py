"""A run's rows, read from its store and its tasks; a task that is gone leaves its rows readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from harness.core.events import Trace
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.metrics.row import Row, row


class Readable(Protocol):
    """What of a store is needed to read it."""

    def keys(self) -> dict[str, TrialKey]: ...

    def trace(self, key: TrialKey) -> Trace: ...


def rows(store: Readable, tasks: Mapping[str, TaskSpec]) -> tuple[Row, ...]:
    """One row per planned trial, in plan order."""
    return tuple(row(short, key, tasks[key.task], store.trace(key)) for short, key in store.keys().items())
