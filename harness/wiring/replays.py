"""Where the trials of a probe's run begin, and how each is looked at: from the run's own record, which holds all that a replay needs."""

from __future__ import annotations

import msgspec

from harness.core.errors import StoreError
from harness.core.probe import Point, Probe
from harness.core.task import Limits
from harness.core.trial import ASKING, TrialKey
from harness.engine.fork import Fork
from harness.engine.gaze import Gaze, Look
from harness.engine.overlook import seen
from harness.engine.recalling import Recalling, question
from harness.engine.world import Job
from harness.plan import Plan, seed_of
from harness.store.sqlite import RunStore
from harness.wiring.trees import trees

RECALL = "recall"
"""The arm that asks a question about the item and lets nothing be done."""
ABSENT = "absent"
"""The same with a question about what nobody stated."""
PROBE = "probe"
"""The fact of a run under which its probe stands."""


def asked_as(point: str, arm: str) -> str:
    """Under which name a probe keeps the question that an arm asks at a point."""
    return point if arm == RECALL else f"{point} {arm}"


def probe_of(store: RunStore) -> Probe | None:
    """What a run replays, if it is a probe. Raises StoreError."""
    word = store.meta(PROBE)
    try:
        return msgspec.json.decode(word, type=Probe) if word else None
    except msgspec.MsgspecError as fault:
        raise StoreError(f"{store.folder}: its probe can't be read: {fault}") from fault


def fork_at(store: RunStore, probe: Probe, key: TrialKey) -> Fork:
    """Where a trial of the probe begins. Raises StoreError for one that it does not know."""
    kept = probe.past(key)
    if kept is None:
        raise StoreError(f"{store.folder.name}: no point is replayed by attempt {key.attempt} of {key.task} under {key.variant}")
    return msgspec.json.decode(store.blobs.get(kept), type=Fork)


def replayed(job: Job, store: RunStore) -> Job:
    """The job of a probe's trial with its window as its only bound but money, a seed of its own re-roll, and eyes for its item."""
    probe = probe_of(store)
    point = probe.of(job.key) if probe else None
    if probe is None or point is None:
        return job
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    seed = None if job.seed is None else seed_of(plan.seed, f"{job.key.task} replays", job.key.attempt)
    return msgspec.structs.replace(job, seed=seed, limits=_bounded(job.limits, probe, point), gaze=_gaze(job, store, probe, point))


def _bounded(limits: Limits, probe: Probe, point: Point) -> Limits:
    """What the past used up counts for nothing here: a trial near its limits would have other windows than one that begins."""
    turns = point.place.turn - 1 + probe.window
    return msgspec.structs.replace(limits, turns=turns, tool_calls=None, tokens=None, seconds=None, tool_seconds=None)


def _gaze(job: Job, store: RunStore, probe: Probe, point: Point) -> Look:
    place = point.place
    if job.key.variant in ASKING:
        asked = question(probe.questions[asked_as(point.name, job.key.variant)])
        return Recalling(asked, place.turn - 1, lambda: store.trace(job.key), store.blobs.get)
    looking = seen(job.short, job.task, place.item, store.blobs.get, lambda: trees(store.folder))
    return Gaze(place.item, place.turn - 1, lambda: store.trace(job.key), looking)
