"""The opportunities of one item in a trial, as the context's readers tell them from its trace and its trees."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from harness.core.events import Trace
from harness.core.findings import Opportunity
from harness.core.memory import Manifest
from harness.core.task import TaskSpec
from harness.engine.gaze import Seen
from harness.engine.steps import Get
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Trees
from harness.metrics.context.standing import standing


def seen(short: str, task: TaskSpec, item: str, get: Get, opened: Callable[[], AbstractContextManager[Trees]]) -> Seen:
    """Reads a trial of this task and short id by its trace, for this item alone. `opened`: the run's trees, which grow meanwhile."""
    manifest = alone(task.memory or Manifest(), item)

    def of(trace: Trace, grace: int) -> tuple[Opportunity, ...]:
        with opened() as trees:
            made = scene(short, task, trace, get, trees)
            return standing(manifest, made.turns, made.base, trees, {}, grace)[0]

    return of


def alone(manifest: Manifest, item: str) -> Manifest:
    """What is said of this item, without any milestone."""
    constraints = tuple(each for each in manifest.constraints if each.item == item)
    return msgspec.structs.replace(manifest, constraints=constraints, milestones=())
