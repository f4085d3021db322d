"""Whether a task's image gives away its solution or its hidden tests: sentences that name the place."""

from __future__ import annotations

from harness.core.ports import Images, Patch
from harness.core.task import TaskSpec
from harness.grading.needles import needles

MOST_TOLD = 20


def leaks(task: TaskSpec, shelf: Images, work: Patch | None = None) -> tuple[str, ...]:
    """`work`: what the oracle made, for a solution that is a program. Raises SandboxError when the image can't be read."""
    found = (*shelf.leaks(task.place, needles(task, work)), *(shelf.newer(task.place, task.place.newest) if task.place.newest else ()))
    told = tuple(dict.fromkeys(f"{leak.path}: {leak.needle}" for leak in found))
    return told[:MOST_TOLD] + ((f"and {len(told) - MOST_TOLD} more",) if len(told) > MOST_TOLD else ())
