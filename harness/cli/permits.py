"""What a task needs that only its user can allow, and what a plan's flags make of a task; decided before anything starts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from harness.core.errors import TaskError
from harness.core.task import TaskSpec
from harness.plan import Allowed

ROOT = frozenset({"root", "0"})


def as_allowed(tasks: Iterable[TaskSpec], allow: Allowed) -> tuple[TaskSpec, ...]:
    """The tasks as the flags make them. Raises TaskError naming the flag that one of them needs."""
    made = tuple(_clocked(_networked(task, allow), allow) for task in tasks)
    for task in made:
        for user in _users(task):
            if user in ROOT and not (allow.root or allow.harbor):
                raise TaskError(task.provenance.source, f"{task.id} user", user, "another user, or --allow-root: its commands run as uid 0")
    return made


def _users(task: TaskSpec) -> Iterator[str]:
    yield task.place.user
    check = task.check
    for each in (check, *(getattr(step, "check", None) for step in getattr(check, "steps", ()))):
        place = getattr(each, "place", None)
        if place is not None:
            yield place.user


def _networked(task: TaskSpec, allow: Allowed) -> TaskSpec:
    """As Harbor has it, a task that says nothing of a network gets one."""
    if not allow.harbor or task.place.network_asked:
        return task
    told = msgspec.structs.replace(task.provenance, warnings=(*task.provenance.warnings, "network_mode: not given; public, as in Harbor"))
    return msgspec.structs.replace(task, place=msgspec.structs.replace(task.place, network="public"), provenance=told)


def _clocked(task: TaskSpec, allow: Allowed) -> TaskSpec:
    """The task's own wall clock over the whole of the agent's work instead of its tools' time."""
    official = task.limits.official_seconds
    if not allow.official_clock or official is None:
        return task
    return msgspec.structs.replace(task, limits=msgspec.structs.replace(task.limits, seconds=official, tool_seconds=None))
