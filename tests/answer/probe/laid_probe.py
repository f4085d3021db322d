"""A probe's record laid by hand: its plan, its points, and what each re-roll came to; no container, no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from benchmarks.synthetic import a_task
from harness.answer.probe.points import numbered
from harness.answer.probe.rolls import Came
from harness.cli.record.runs import remember
from harness.core.agent import Stop
from harness.core.events import AgentStopped, Digests, Entry, Event, GradeRan, TrialStarted
from harness.core.observed import Observed
from harness.core.probe import Place, Point, Probe
from harness.core.trial import TrialKey
from harness.plan import AgentEntry, ModelEntry, Plan
from harness.store.sqlite import RunStore, create
from harness.wiring.digests import of_harness
from harness.wiring.replays import PROBE

RUN = "20260101-010101-cafe"
ARMS = ("full", "fresh", "remind")
TASKS = 6
STEADY: Sequence[Came] = ("violated", "honoured", "violated", "honoured")
DRIFTING: Sequence[Came] = ("violated", "violated", "honoured", "honoured")


def lay(home: Path, models: Sequence[str], rolls: int = 4) -> RunStore:
    """A probe of one point in each task for each model, nothing of it begun."""
    tasks = tuple(msgspec.structs.replace(a_task(number), check=Observed()) for number in range(TASKS))
    places = [Place(f"t{number:04}", task.id, "coder", model, "rule", 9) for model in models for number, task in enumerate(tasks)]
    points = numbered(tuple(Point(f"p{number:03}", place, "every") for number, place in enumerate(places)), rolls)
    plan = Plan(("bundled",), attempts=rolls, models=tuple(map(ModelEntry, models)), agents=(AgentEntry("coder"),))
    keys = tuple(TrialKey(RUN, p.place.task, p.place.agent, p.place.model, arm, p.attempts[roll]) for roll in range(rolls) for p in points for arm in ARMS)
    probe = Probe("parent", ARMS, rolls, 6, points, offered=len(points))
    meta = {
        "run": RUN, "name": "probe of parent", "created": "2026-01-01T01:01:01+0000", "plan": msgspec.json.encode(plan).decode(), "harness": of_harness(),
        "host": "nowhere", PROBE: msgspec.json.encode(probe).decode(),
    }  # fmt: skip
    store = create(home / "runs" / RUN, keys, meta)
    remember(store, tasks)
    return store


def roll(store: RunStore, came: Mapping[str, Sequence[Came]], arm: str = "full", tasks: int = TASKS) -> None:
    """Settle the re-rolls of an arm in so many tasks. `came`: by model, one word for each attempt; "pending" leaves it so."""
    ids = [f"task-{number:03d}" for number in range(tasks)]
    for key in store.keys().values():
        if key.variant == arm and key.task in ids and key.model in came:
            settle(store, key, came[key.model][key.attempt - 1])


def settle(store: RunStore, key: TrialKey, came: Came) -> None:
    """As a replay's record ends."""
    if came == "pending":
        return
    events: tuple[Event, ...] = (
        TrialStarted(key, 1, None, None, Digests("", "", "", ""), "{}", ""), AgentStopped(Stop.ANSWERED),
        GradeRan("observe", "replay", came == "honoured", None, None, 0.0, detail=came),
    )  # fmt: skip
    pen = store.begin(key)
    for number, event in enumerate(events, 1):
        pen(Entry(number, 0.0, event))
    store.settle(key, pen)
