"""A try with all that it has lived through: earlier tries of its trial, and of a fork the past that stands in another record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.events import Entry, Trace
from harness.core.lived import PastLived
from harness.metrics.tries import joined, lived, of

Get: TypeAlias = Callable[[Blob], bytes]


class Life(msgspec.Struct, frozen=True):
    """`entries` as one conversation; turns 1 to `past` stand in another trial's record."""

    entries: Trace
    past: int = 0


class _Kept(msgspec.Struct, frozen=True):
    """Of a past as a fork's record keeps it, what a reader of words needs."""

    entries: Trace


def life(trace: Trace, get: Get) -> Life:
    """The latest try of the trace from its first turn on; () for an empty one.

    Entries of another record come first and have its `seq` with a minus, so that no two entries of one life share a number.
    Raises StoreError where a blob is gone.
    """
    now = lived(trace)
    led = next((event for event in of(now, PastLived) if event.past is not None), None)
    if led is None or led.past is None:
        return Life(now)
    before = life_of(msgspec.json.decode(get(led.past), type=_Kept).entries, get)
    return Life(joined(tuple(map(_foreign, before)), now), led.turn)


def life_of(entries: Trace, get: Get) -> Trace:
    """Entries that begin with a try's start, with the past that they go on from."""
    return life(entries, get).entries


def _foreign(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, seq=-abs(entry.seq))
