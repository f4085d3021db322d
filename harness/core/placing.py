"""A task with its machines changed: where it is graded, or what each of its places is given. Pure."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.core.task import Check, Place, RewardScript, Steps, TaskSpec


def shared(check: Check) -> Check:
    """The check graded in the agent's own machine, where a reward script does not say that it is graded apart; else as it is."""
    return _each(check, lambda script: script if script.separate else msgspec.structs.replace(script, shared=True))


def placed(task: TaskSpec, change: Callable[[Place], Place]) -> TaskSpec:
    """The task with this done to every place: the agent's, and those where it is graded."""

    def moved(script: RewardScript) -> RewardScript:
        return script if script.place is None else msgspec.structs.replace(script, place=change(script.place))

    return msgspec.structs.replace(task, place=change(task.place), check=_each(task.check, moved))


def _each(check: Check, change: Callable[[RewardScript], RewardScript]) -> Check:
    match check:
        case RewardScript():
            return change(check)
        case Steps():
            steps = (msgspec.structs.replace(step, check=change(step.check)) for step in check.steps)
            return msgspec.structs.replace(check, steps=tuple(steps))
        case _:
            return check
