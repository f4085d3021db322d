"""Whether a task's image gives away its solution or its hidden tests: sentences that name the place."""

from __future__ import annotations

from harness.core.ports import Images
from harness.core.task import TaskSpec
from harness.grading.needles import needles

MOST_TOLD = 10


def leaks(task: TaskSpec, shelf: Images) -> tuple[str, ...]:
    """Raises SandboxError when the image can't be read."""
    wanted = needles(task)
    if not wanted:
        return ()
    return ()
