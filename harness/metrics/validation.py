"""What trials of the oracle and of idle show of a task: healthy or not and why, which ids flip, which mutants the oracle fails. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from harness.core.events import GradeRan, Trace
from harness.core.task import TaskSpec, TestIds
from harness.core.trial import Outcome, Reason
from harness.core.validation import Validation
from harness.metrics.row import Row
from harness.metrics.tries import lived, of
from harness.metrics.verdict import judge

UNSEEN = "the trial did not end"


class Tried(msgspec.Struct, frozen=True):
    """A validation trial: its row and its trace."""

    row: Row
    trace: Trace


def validation(task: TaskSpec, tried: Sequence[Tried], run: str = "", leaks: tuple[str, ...] = ()) -> Validation:
    """The task's trials, judged; `leaks`: what the scan of its image found."""
    oracle, idle = ([each for each in tried if each.row.agent == agent] for agent in ("oracle", "idle"))
    flipped = flaky(oracle)
    passed = sum(_passes(task, each, flipped) for each in oracle)
    reason, evidence, trial = _judged(task, oracle, idle, passed)
    if not reason and leaks:
        reason, evidence = Reason.LEAK, leaks
    told = (*evidence, *(f"{name}: flaky, left out of the verdict" for name in flipped), *_regressed(idle))
    return Validation(
        task.id, task.digest, not reason, reason, (passed, len(oracle)), idle[0].row.outcome if idle else "pending", told, run, trial,
        flaky=flipped, twin=twins(oracle), leaks=leaks,
    )  # fmt: skip


def joined(before: Validation | None, now: Validation) -> Validation:
    """What both show of the same task: ids that flipped once stay flaky, a mutant must be failed by all. An unhealthy one on either side stands alone."""
    if before is None or not (before.healthy and now.healthy) or before.shared != now.shared:
        return now
    twin = now.twin if before.twin is None else before.twin if now.twin is None else tuple(name for name in now.twin if name in before.twin)
    oracle = (before.oracle[0] + now.oracle[0], before.oracle[1] + now.oracle[1])
    return msgspec.structs.replace(now, flaky=tuple(sorted({*before.flaky, *now.flaky})), twin=twin, oracle=oracle)


def flaky(oracle: Iterable[Tried]) -> tuple[str, ...]:
    """Ids that were seen passing in one run and not passing in another."""
    seen: dict[str, set[bool]] = {}
    for each in oracle:
        for name, status in _read(each.trace, "fresh").items():
            seen.setdefault(name, set()).add(status == "passed")
    return tuple(sorted(name for name, found in seen.items() if len(found) > 1))


def twins(oracle: Iterable[Tried]) -> tuple[str, ...] | None:
    """Ids whose mutant was seen failing in every twin run that was made; None without one."""
    runs = [found for each in oracle if (found := _read(each.trace, "twin"))]
    if not runs:
        return None
    every = set.union(*(set(found) for found in runs))
    return tuple(sorted(name for name in every if all(found.get(name) in ("failed", "error") for found in runs)))


def _read(trace: Trace, mode: str) -> dict[str, str]:
    """Statuses of the last reading in this mode; a repeated id is no pass."""
    found: dict[str, str] = {}
    reads = [run for run in of(lived(trace), GradeRan) if run.phase == "read" and run.mode == mode]
    for result in reads[-1].results if reads else ():
        found[result.id] = "error" if result.id in found else result.status
    return found


def without(task: TaskSpec, flipped: tuple[str, ...]) -> TaskSpec:
    """The task without these ids; one whose last failing test goes with them keeps it, since nothing would be left to solve."""
    check = task.check
    if not flipped or not isinstance(check, TestIds) or not set(check.fail_to_pass) - set(flipped):
        return task
    left = {name: tuple(each for each in getattr(check, name) if each not in flipped) for name in ("fail_to_pass", "pass_to_pass")}
    gone = tuple(name for name in flipped if name in (*check.fail_to_pass, *check.pass_to_pass))
    return msgspec.structs.replace(task, check=msgspec.structs.replace(check, **left, quarantined=gone))


def _passes(task: TaskSpec, each: Tried, flipped: tuple[str, ...]) -> bool:
    return each.row.outcome == "passed" or (bool(flipped) and judge(without(task, flipped).check, each.trace).outcome is Outcome.PASSED)


def _regressed(idle: Sequence[Tried]) -> tuple[str, ...]:
    """PASS_TO_PASS tests that fail at base say nothing of what an agent broke."""
    counted = idle[0].row.p2p if idle else None
    return (f"{counted[1] - counted[0]} of {counted[1]} PASS_TO_PASS tests fail before anything is done",) if counted and counted[0] < counted[1] else ()


def _judged(task: TaskSpec, oracle: list[Tried], idle: list[Tried], passed: int) -> tuple[str, tuple[str, ...], str]:
    """A reason of `invalid` or "", the sentences for it, and the trial that tells most of it."""
    rows = [each.row for each in (*oracle, *idle)]
    stuck = [row for row in rows if row.outcome in ("broken", "pending") or row.reason == Reason.CANNOT_RUN]
    if stuck:
        return Reason.CANNOT_RUN, stuck[0].evidence or (UNSEEN,), stuck[0].trial
    solved = [each.row for each in idle if each.row.outcome == "passed"]
    if solved:
        return Reason.IDLE_PASSES, ("doing nothing solves it",), solved[0].trial
    if isinstance(task.check, TestIds) and (task.check.regression_only or not task.check.fail_to_pass):
        return _kept([each.row for each in idle])
    lost = [each.row for each in oracle if each.row.outcome != "passed"]
    if task.solution is None or not lost or passed == len(oracle):
        return "", (), ""
    if passed == 0:
        silent = all(row.reason == Reason.UNTESTED for row in lost)  # no test was reported by any: the runner itself is at fault
        return Reason.CANNOT_RUN if silent else Reason.ORACLE_FAILS, lost[0].evidence, lost[0].trial
    return Reason.FLAKY, (f"the oracle passed {passed} of {len(oracle)} times", *lost[0].evidence), lost[0].trial


def _kept(idle: list[Row]) -> tuple[str, tuple[str, ...], str]:
    """A task that only watches for regressions is healthy when everything passes before."""
    if not idle or any(row.p2p and row.p2p[0] == row.p2p[1] for row in idle):
        return "", (), ""
    return Reason.CANNOT_RUN, idle[0].evidence, idle[0].trial
