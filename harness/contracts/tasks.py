"""What every task source must satisfy; each claim is a function of the specs it yields that gives complaints, none when it holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TypeAlias

import msgspec

from harness.core.errors import UserError
from harness.core.ports import TaskSource
from harness.core.task import CopiedFile, RewardScript, SolveScript, SolveSteps, Steps, TaskSpec, TestIds

Claim: TypeAlias = Callable[[TaskSpec], tuple[str, ...]]

WEIGHT_SLACK = 1e-6


def has_an_identity(task: TaskSpec) -> tuple[str, ...]:
    """An id fit for a table, and a digest over what decides it."""
    found = [] if re.fullmatch(r"[A-Za-z0-9][\w.+-]*", task.id) else [f"the id {task.id!r} is no plain word"]
    return (*found, *([] if re.fullmatch(r"sha256:[0-9a-f]{64}", task.digest) else [f"the digest is {task.digest!r}"]))


def asks_something(task: TaskSpec) -> tuple[str, ...]:
    """At least one request, each with an id of its own and words."""
    requests = task.brief.requests
    found = [] if requests else ["there is no request"]
    found += ["two requests share an id"] if len({request.id for request in requests}) != len(requests) else []
    return (*found, *(f"request {request.id} is empty" for request in requests if not request.text.strip()))


def can_be_judged(task: TaskSpec) -> tuple[str, ...]:
    """Named tests are named once, in one list; without a failing one the task says so; weights sum to 1."""
    check = task.check
    if not isinstance(check, TestIds):
        return ()
    must, keep = check.fail_to_pass, check.pass_to_pass
    found = ["a test is named twice"] if len({*must, *keep}) != len(must) + len(keep) else []
    found += ["no test is named"] if not must and not keep else []
    found += ["no test fails at base, and it is not marked as regression only"] if not must and not check.regression_only else []
    total = sum(item.weight for item in check.items)
    return (*found, *([f"the weights of its items sum to {total:g}"] if check.items and abs(total - 1) > WEIGHT_SLACK else []))


def stays_inside(task: TaskSpec) -> tuple[str, ...]:
    """No file of its own leads out of the folder it is laid into."""
    outside = [file.path for file in _files(task) if PurePosixPath(file.path).is_absolute() or ".." in PurePosixPath(file.path).parts]
    return tuple(f"{path} leads out of its folder" for path in outside)


def is_a_value(task: TaskSpec) -> tuple[str, ...]:
    """It can be kept with a run and read back equal."""
    return () if msgspec.json.decode(msgspec.json.encode(task), type=TaskSpec) == task else ("it does not survive being kept",)


CLAIMS: tuple[Claim, ...] = (has_an_identity, asks_something, can_be_judged, stays_inside, is_a_value)


def complaints(source: TaskSource) -> tuple[str, ...]:
    """All that is wrong with a source, each with the task and the claim it breaks."""
    tasks, again = tuple(source), tuple(source)
    found = [f"{task.id}: {claim.__name__}: {complaint}" for task in tasks for claim in CLAIMS for complaint in claim(task)]
    found += ["two tasks share an id"] if len({task.id for task in tasks}) != len(tasks) else []
    found += ["a second reading gave other tasks"] if tasks != again else []
    return (*found, *(f"a fault is no user's sentence: {fault!r}" for fault in source.faults if not isinstance(fault, UserError)))


def _files(task: TaskSpec) -> Iterator[CopiedFile]:
    match task.check:
        case TestIds() | RewardScript() as check:
            yield from check.files
        case Steps(steps=steps):
            for step in steps:
                yield from (*step.check.files, *step.workdir)
        case _:
            pass
    match task.solution:
        case SolveScript(files=files):
            yield from files
        case SolveSteps(steps=scripts):
            yield from (file for _, script in scripts for file in script.files)
        case _:
            pass
