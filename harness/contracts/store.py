"""What every store must satisfy; each claim is a function of a fresh Store with two planned trials that gives complaints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from harness.core.blob import Blob
from harness.core.errors import StoreError
from harness.core.events import Entry, PromptCounted
from harness.core.ports import Pen, Store
from harness.core.trial import TrialKey

Claim: TypeAlias = Callable[[Store], tuple[str, ...]]

ONE = TrialKey("contract", "a task", "coder", "scripted/demo", "", 1)
TWO = TrialKey("contract", "a task", "coder", "scripted/demo", "", 2)
STRANGER = TrialKey("contract", "another task", "coder", "scripted/demo", "", 1)
KEYS = (ONE, TWO)
"""The trials that the store must have been made for."""


def keeps_order(store: Store) -> tuple[str, ...]:
    """What a pen wrote comes back, in order, to its own trial only."""
    pen = store.begin(ONE)
    for seq in (1, 2, 3):
        pen(_entry(seq))
    found = [] if store.trace(ONE) == (_entry(1), _entry(2), _entry(3)) else ["a trace came back changed"]
    return (*found, *([] if store.trace(TWO) == () else ["another trial's trace holds something"]))


def fences_the_late(store: Store) -> tuple[str, ...]:
    """A pen that was superseded neither writes nor settles, and nothing of its attempt stays."""
    old, new = store.begin(TWO), store.begin(TWO)
    found = [] if _refused(lambda: old(_entry(1))) else ["a superseded pen could write"]
    found += [] if _refused(lambda: store.settle(TWO, old)) else ["a superseded pen could settle"]
    new(_entry(2))
    return (*found, *([] if store.trace(TWO) == (_entry(2),) else ["what a superseded pen tried is in the trace"]))


def writes_a_number_once(store: Store) -> tuple[str, ...]:
    """The same place of a trace can't be written twice."""
    pen: Pen = store.begin(TWO)
    pen(_entry(7))
    return () if _refused(lambda: pen(_entry(7))) else ("a place was written twice",)


def tells_what_is_settled(store: Store) -> tuple[str, ...]:
    """A trial is settled once it is, and no other with it."""
    before = ONE in store.settled()
    store.settle(ONE, store.begin(ONE))
    found = ["a trial was settled before it was"] if before else []
    return (*found, *([] if store.settled() & {ONE, TWO} == {ONE} else [f"settled are {sorted(store.settled())}"]))


def closes_what_is_settled(store: Store) -> tuple[str, ...]:
    """After settlement the trace is closed: its pen writes no more, nothing settles it again, and no new pen is given."""
    pen = store.begin(TWO)
    store.settle(TWO, pen)
    tries = (lambda: pen(_entry(99)), lambda: store.settle(TWO, pen), lambda: store.begin(TWO))
    words = ("written to", "settled again", "begun again")
    return tuple(f"a settled trial was {word}" for attempt, word in zip(tries, words, strict=True) if not _refused(attempt))


def knows_its_trials(store: Store) -> tuple[str, ...]:
    """A trial that was never planned is a StoreError, for reading as for writing."""
    reads, writes = _refused(lambda: store.trace(STRANGER)), _refused(lambda: store.begin(STRANGER))
    return () if reads and writes else ("a trial that is not planned was accepted",)


def keeps_blobs(store: Store) -> tuple[str, ...]:
    """Bytes come back whole under one name, however often they are kept; a name without bytes is a StoreError."""
    data = bytes(range(256)) * 99
    blob = store.blobs.put(data)
    found = [] if store.blobs.get(blob) == data and store.blobs.put(data) == blob else ["a blob came back changed"]
    wrong = {
        "that is not there": Blob("0" * 64, 3), "of more bytes than it has": Blob(blob.sha256, blob.size + 1),
        "of fewer bytes than it has": Blob(blob.sha256, blob.size - 1), "that no digest names": Blob("../../run.sqlite", 3),
    }
    read = [word for word, name in wrong.items() if not _refused(lambda name=name: store.blobs.get(name))]  # type: ignore[misc]
    return (*found, *(f"a blob {word} was read" for word in read))


CLAIMS: tuple[Claim, ...] = (
    keeps_order, fences_the_late, writes_a_number_once, tells_what_is_settled, closes_what_is_settled, knows_its_trials, keeps_blobs,
)


def complaints(store: Store) -> tuple[str, ...]:
    """All that is wrong with a fresh store made for KEYS, each with the claim it breaks."""
    return tuple(f"{claim.__name__}: {complaint}" for claim in CLAIMS for complaint in _told(claim, store))


def _told(claim: Claim, store: Store) -> tuple[str, ...]:
    try:
        return claim(store)
    except StoreError as fault:
        return (f"refused what it must allow: {fault}",)


def _entry(seq: int) -> Entry:
    return Entry(seq, float(seq), PromptCounted(seq, "contract"))


def _refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except StoreError:
        return True
    return False
