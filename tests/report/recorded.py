"""A run on disk for tests of what is read from it: a real store with two settled trials and one that never began."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness.cli.record.runs import remember
from harness.core.agent import Stop
from harness.core.events import AgentStopped, Digests, Entry, GradeRan, TrialStarted
from harness.core.task import Brief, GoldPatch, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.plan import AgentEntry, Plan
from harness.store.sqlite import RunStore, create

TASK = TaskSpec(
    "t|1", "sha256:task", Brief(()), Place(ImageTag("i")), TestIds("run", "junit", ("t::new",), ("t::old",)), Provenance("bundled"), solution=GoldPatch(b"")
)  # fmt: skip
RUN = "20260101-200000-abcd"
KEYS = tuple(TrialKey(RUN, TASK.id, "coder", "none", "", attempt) for attempt in (1, 2, 3))


def events(key: TrialKey) -> tuple[Entry, ...]:
    """The first attempt passes, the second does not."""
    new = TestResult("t::new", "passed" if key.attempt == 1 else "failed")
    told = (
        TrialStarted(key, 1, None, 7, Digests("sha256:task", "", "", "0.1.0 h"), '{"turns":150}', "a-host"), AgentStopped(Stop.ANSWERED),
        GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0.0),
        GradeRan("read", "fresh", ok=True, exit_code=None, ended=None, seconds=0.0, results=(new, TestResult("t::old", "passed"))),
    )  # fmt: skip
    return tuple(Entry(seq, float(seq), event) for seq, event in enumerate(told, 1))


def record(home: Path) -> RunStore:
    """The run in this home, open for writing."""
    plan = Plan(("bundled",), agents=(AgentEntry("coder"),))
    meta = {"run": RUN, "name": "nightly", "created": "2026-01-01T20:00:00+0000", "plan": msgspec.json.encode(plan).decode(), "harness": "0.1.0 h"}
    store = create(home / "runs" / RUN, KEYS, meta)
    remember(store, (TASK,))
    for key in KEYS[:2]:
        pen = store.begin(key)
        for entry in events(key):
            pen(entry)
        store.settle(key, pen)
    return store
