"""What a task needs that only its user can allow, and what a plan's flags make of a task; decided before anything starts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from harness.core.errors import TaskError
from harness.core.placing import placed
from harness.core.task import Place, TaskSpec, places
from harness.plan import Allowed

ROOT = re.compile(r"(root|0+)(:.*)?")


def as_allowed(tasks: Iterable[TaskSpec], allow: Allowed) -> tuple[TaskSpec, ...]:
    """The tasks as the flags make them. Raises TaskError naming the flag that one of them needs."""
    made = tuple(_clocked(_networked(task, allow), allow) for task in tasks)
    for task in made:
        for user in _users(task):
            if ROOT.fullmatch(user):
                require_leave(task, user, allow)
    return made


def require_leave(task: TaskSpec, user: str, allow: Allowed) -> None:
    """For a user that is root, by this name or by another that its image has. Raises TaskError without leave."""
    if not (allow.root or allow.harbor):
        raise TaskError(task.provenance.source, f"{task.id} user", user, "another user, or --allow-root: its commands run as uid 0")


def _users(task: TaskSpec) -> Iterator[str]:
    return (place.user for place in places(task))


def _networked(task: TaskSpec, allow: Allowed) -> TaskSpec:
    """As Harbor has it, a machine of which the task says nothing of a network gets one."""
    if not allow.harbor or all(place.network_asked for place in places(task)):
        return task
    told = msgspec.structs.replace(task.provenance, warnings=(*task.provenance.warnings, "network_mode: not given; public, as in Harbor"))
    return msgspec.structs.replace(placed(task, _opened), provenance=told)


def _opened(place: Place) -> Place:
    return place if place.network_asked else msgspec.structs.replace(place, network="public")


def _clocked(task: TaskSpec, allow: Allowed) -> TaskSpec:
    """The task's own wall clock over the whole of the agent's work instead of its tools' time."""
    official = task.limits.official_seconds
    if not allow.official_clock or official is None:
        return task
    return msgspec.structs.replace(task, limits=msgspec.structs.replace(task.limits, seconds=official, tool_seconds=None))
