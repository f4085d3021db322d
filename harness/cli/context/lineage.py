"""Whether a probe was made of just this record: an archive may bring one that names a run of this machine."""

from __future__ import annotations

import msgspec

from harness.core.errors import StoreError
from harness.core.probe import Probe
from harness.engine.fork import Fork
from harness.engine.moment import entries_at, unpacked
from harness.store.sqlite import RunStore


def made_of(parent: RunStore, store: RunStore, probe: Probe) -> bool:
    """Whether the id is the parent's and the first point goes on from what the parent's trial has on record, entry by entry.

    One point is enough: who knows what a trial lived through has had the record. A record that can't be read is of nobody.
    """
    point = next(iter(probe.points), None)
    kept = probe.pasts.get(f"{point.name} {probe.arms[0]}") if point and probe.arms else None
    if probe.run != parent.meta("run") or point is None or kept is None:
        return False
    try:
        key = parent.keys().get(point.place.trial)
        fork = msgspec.json.decode(store.blobs.get(kept), type=Fork)
        theirs = unpacked(store.blobs.get(fork.past)).entries
        return key is not None and msgspec.json.encode(theirs) == msgspec.json.encode(entries_at(parent.trace(key), point.place.turn - 1))
    except (StoreError, msgspec.MsgspecError):
        return False
