"""What a task's solution and its check hold as files, whatever their kind. Pure."""

from __future__ import annotations

from harness.core.task import (
    Check,
    CopiedFile,
    GoldPatch,
    RewardScript,
    Solution,
    SolveScript,
    SolveSteps,
    Steps,
    TestIds,
)

PATCHES = (".patch", ".diff")


def patches(solution: Solution | None) -> tuple[bytes, ...]:
    """Unified diffs, as far as the solution holds any."""
    match solution:
        case GoldPatch(diff):
            return (diff,)
        case SolveScript(files):
            return tuple(file.data for file in files if file.path.endswith(PATCHES))
        case SolveSteps(steps):
            return tuple(patch for _, script in steps for patch in patches(script))
        case None:
            return ()


def hidden(check: Check) -> tuple[CopiedFile, ...]:
    """Files that enter a machine only for grading."""
    match check:
        case TestIds() | RewardScript():
            return check.files
        case Steps():
            return tuple(file for step in check.steps for file in step.check.files)
        case _:
            return ()
