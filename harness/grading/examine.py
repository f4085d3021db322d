"""The examiner: every check that is judged by running something in fresh sandboxes, each by its own module."""

from __future__ import annotations

import msgspec

from harness.core.errors import TaskError
from harness.core.ports import Blobs, GradeOrder, Record, Sandboxes
from harness.core.task import RewardScript, TestIds
from harness.grading import named, script


class Examiner(msgspec.Struct, frozen=True):
    """The Grader of `TestIds` and `RewardScript`."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """Every phase goes on record. Raises SandboxError when the machine fails us, TaskError for a check it does not know."""
        match order.task.check:
            case TestIds() as check:
                named.grade(order, check, sandboxes, blobs, record)
            case RewardScript():
                script.examine(order, sandboxes, blobs, record)
            case other:
                raise TaskError(order.task.id, "check", type(other).__name__, "named tests or a reward script")
