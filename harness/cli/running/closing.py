"""The last word on a trial whose worker can't say it any more: interrupted when it was killed by wish, broken when it died for good."""

from __future__ import annotations

import os
import time

import msgspec

from harness.core.events import Digests, TrialBroke, TrialInterrupted, TrialStarted
from harness.core.ports import Pen
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.engine.recorder import Recorder
from harness.metrics.row import Row, row
from harness.store.sqlite import RunStore
from harness.wiring.digests import of_harness


class _Deaf:
    def see(self, *_: object) -> None:
        """Nobody watches a record that is being closed."""


def close(store: RunStore, key: TrialKey) -> None:
    """A worker killed by the second Ctrl-C could not say so itself: its trial is pending, not half graded. Raises StoreError."""
    past = store.trace(key)
    if store.short(key) in store.settled_shorts():
        return  # killed after its work was done, before it could say so
    if past and not isinstance(past[-1].event, (TrialBroke, TrialInterrupted)):
        Recorder(key, store.begin(key), time.monotonic, _Deaf(), past)(TrialInterrupted("the worker was killed"))


def give_up(store: RunStore, key: TrialKey, task: TaskSpec, host: str, lost: str) -> None:
    """Settle a trial whose worker died for good: by the store's fault where the worker could still say so (`lost`), else by ours."""
    pen = store.begin(key)
    past = store.trace(key)
    record = Recorder(key, pen, time.monotonic, _Deaf(), past)
    if not past:
        record(TrialStarted(key, 1, None, None, Digests(task.digest, "", "", of_harness()), "{}", host))
    record(TrialBroke("store" if lost else "harness", lost or "the worker process died; see workers.log", will_retry=False))
    settle(store, key, task, pen)


def settle(store: RunStore, key: TrialKey, task: TaskSpec, pen: Pen) -> Row:
    """The trial is over; its row, as today's judge has it, is kept in the settling transaction. Raises StoreError."""
    trace = store.trace(key)
    told = row(store.short(key), key, task, trace)
    if told.origin == "continued":
        os.sync()  # what the process of the earlier part wrote was never forced to disk, and nobody knows its files any more
    store.settle(key, pen, msgspec.json.encode(told), store.meta("harness"))
    return told
