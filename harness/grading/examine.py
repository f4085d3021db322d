"""The examiner: a fresh sandbox from the pristine image, the work laid over it, hidden files, the run, and the report read by the host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from harness.core.errors import TaskError
from harness.core.events import GradeRan, ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import CopiedFile, RewardScript, TestIds
from harness.core.trial import TestResult
from harness.grading import reward
from harness.grading.apply import apply
from harness.grading.logs import junit, pytest
from harness.grading.steering import restored, shadowing, steering

PARSERS: dict[str, Callable[[bytes, tuple[str, ...]], tuple[TestResult, ...]]] = {"junit": junit.parse, "pytest": pytest.parse}
REPORT = "/logs/verifier/report.xml"
MODE = "fresh"


class Examiner(msgspec.Struct, frozen=True):
    """The Grader of `TestIds` and `RewardScript`."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """Every phase goes on record. Raises SandboxError when the machine fails us, TaskError for a check it does not know."""
        with sandboxes.open(Order(order.image, order.task.place, (*order.labels, ("purpose", "grading")))) as sandbox:
            record(SandboxOpened("grading", sandbox.facts))
            desk = _Desk(sandbox, blobs, record)
            match order.task.check:
                case TestIds() as check:
                    _examine(check, order.patch, desk)
                case RewardScript() as check:
                    _reward(check, order.patch, desk)
                case other:
                    raise TaskError(order.task.id, "check", type(other).__name__, "named tests or a reward script")
            record(ResourcesSeen(sandbox.resources()))


class _Desk(msgspec.Struct, frozen=True):
    sandbox: Sandbox
    blobs: Blobs
    record: Record

    def said(self, phase: str, done: Exec, **more: object) -> None:
        """Record a phase that was one command, with its whole output as a blob."""
        log = self.blobs.put(done.stdout + done.stderr)
        event = GradeRan(phase, MODE, done.ended is Ended.EXITED, done.exit_code, done.ended, done.seconds, log=log)  # type: ignore[arg-type]
        self.record(msgspec.structs.replace(event, **more))


def _examine(check: TestIds, patch: Patch, desk: _Desk) -> None:
    graded = graded_paths(check)
    base = _steering_base(patch, desk.sandbox)
    back = restored(patch, base, graded, check.allow)
    kept = Patch(tuple(f for f in patch.files if f.path not in back), tuple(p for p in patch.removed if p not in back))
    if not _applied(kept, back, desk):
        return
    for folder in check.replaced:
        desk.sandbox.remove(PurePosixPath(folder))
    _lay(check.files, "", desk.sandbox)
    done = desk.sandbox.exec(
        ("sh", "-c", check.command), deadline=check.deadline, environment={"LONGHAUL_REPORT": REPORT, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    _hush(desk.sandbox)
    desk.said("test", done)
    _read(check, done, desk)


def graded_paths(check: TestIds) -> tuple[str, ...]:
    """Where graded tests lie: the files that enter for grading, and those that ids name, which may be the repository's own."""
    named = (ident.partition("::")[0] for ident in (*check.fail_to_pass, *check.pass_to_pass))
    return tuple(sorted({*(file.path for file in check.files), *named}))


def _applied(patch: Patch, back: tuple[str, ...], desk: _Desk) -> bool:
    trouble = apply(patch, desk.sandbox)
    desk.record(GradeRan("apply", MODE, not trouble, None, None, 0.0, detail=trouble, restored=back))
    return not trouble


def _steering_base(patch: Patch, sandbox: Sandbox) -> dict[str, bytes]:
    """Base bytes of the steering files that the patch touches, read from the pristine container before anything is laid over it."""
    found = {}
    for path in (*(file.path for file in patch.files), *patch.removed):
        if steering(path) or shadowing(path):
            try:
                found[path] = sandbox.read(PurePosixPath(path))
            except OSError:
                continue
    return found


def _lay(files: tuple[CopiedFile, ...], folder: str, sandbox: Sandbox) -> None:
    """The task's own files, over whatever stands there; a link or folder in a graded file's place goes first."""
    for file in files:
        path = PurePosixPath(folder, file.path)
        sandbox.remove(path)
        sandbox.write(path, file.data, mode=file.mode)


def _hush(sandbox: Sandbox) -> None:
    """What the tests left running is ended at once: a report is what was there when they were over."""
    sandbox.exec(("sh", "-c", "kill -9 -1"), deadline=60)


def _read(check: TestIds, done: Exec, desk: _Desk) -> None:
    wanted = (*check.fail_to_pass, *check.pass_to_pass)
    try:
        report = done.stdout if check.format == "pytest" else desk.sandbox.read(PurePosixPath(REPORT))
        results = PARSERS[check.format](report, wanted)
        detail = "" if done.ended is Ended.EXITED else f"the tests ended by {done.ended}"
    except FileNotFoundError:
        report, results, detail = b"", (), f"no report was written; exit {done.exit_code}, ended by {done.ended}"
    except (OSError, ValueError) as fault:
        report, results, detail = b"", (), f"the report can't be read: {fault}"
    ok = done.ended is Ended.EXITED and bool(results)
    event = GradeRan("read", MODE, ok, None, None, 0.0, results, detail=detail, log=desk.blobs.put(report))
    desk.record(event)


def _reward(check: RewardScript, patch: Patch, desk: _Desk) -> None:
    if not _applied(patch, (), desk):
        return
    desk.sandbox.exec(("sh", "-c", "rm -rf /tests/* /logs/verifier/*"), deadline=60)
    _lay(check.files, "/tests", desk.sandbox)
    script = f"chmod +x /tests/{check.script}; (/tests/{check.script})"
    done = desk.sandbox.exec(("bash", "-c", script), deadline=check.deadline, environment=dict(check.environment))
    _hush(desk.sandbox)
    desk.said("test", done)
    figure, detail = _figure(desk.sandbox, done)
    desk.record(GradeRan("read", MODE, figure is not None, None, None, 0.0, reward=figure, detail=detail))


def _figure(sandbox: Sandbox, done: Exec) -> tuple[float | None, str]:
    if done.ended is not Ended.EXITED:
        return None, f"the test script ended by {done.ended}; a reward written before does not count"
    try:
        return reward.one(reward.from_json(sandbox.read(PurePosixPath("/logs/verifier/reward.json")))), ""
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as fault:
        return None, str(fault)
    try:
        return reward.from_text(sandbox.read(PurePosixPath("/logs/verifier/reward.txt"))), ""
    except FileNotFoundError:
        return None, "the test script wrote no reward"
    except (OSError, ValueError) as fault:
        return None, str(fault)
