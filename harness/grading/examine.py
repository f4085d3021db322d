"""The examiner: a fresh sandbox from the pristine image, the work laid over it, hidden files, the run, and the report read by the host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from harness.core.errors import TaskError
from harness.core.events import ResourcesSeen, SandboxOpened
from harness.core.machine import Ended, Exec
from harness.core.ports import Blobs, GradeOrder, Order, Patch, Record, Sandbox, Sandboxes
from harness.core.task import RewardScript, TestIds
from harness.core.trial import TestResult
from harness.grading import script
from harness.grading.desk import Desk
from harness.grading.logs import junit, pytest
from harness.grading.steering import restored, shadowing, steering

PARSERS: dict[str, Callable[[bytes, tuple[str, ...]], tuple[TestResult, ...]]] = {"junit": junit.parse, "pytest": pytest.parse}
REPORT = "/logs/verifier/report.xml"


class Examiner(msgspec.Struct, frozen=True):
    """The Grader of `TestIds` and `RewardScript`."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """Every phase goes on record. Raises SandboxError when the machine fails us, TaskError for a check it does not know."""
        with sandboxes.open(Order(order.image, order.task.place, (*order.labels, ("purpose", "grading")))) as sandbox:
            record(SandboxOpened("grading", sandbox.facts))
            desk = Desk(sandbox, blobs, record)
            match order.task.check:
                case TestIds() as check:
                    _examine(check, order.patch, desk)
                case RewardScript() as check:
                    script.grade(check, order.patch, desk)
                case other:
                    raise TaskError(order.task.id, "check", type(other).__name__, "named tests or a reward script")
            record(ResourcesSeen(sandbox.resources()))


def _examine(check: TestIds, patch: Patch, desk: Desk) -> None:
    graded = graded_paths(check)
    base = _steering_base(patch, desk.sandbox)
    back = restored(patch, base, graded, check.allow)
    kept = Patch(tuple(f for f in patch.files if f.path not in back), tuple(p for p in patch.removed if p not in back))
    if not desk.applied(kept, back):
        return
    for folder in check.replaced:
        desk.sandbox.remove(PurePosixPath(folder))
    desk.lay(check.files)
    done = desk.sandbox.exec(
        ("sh", "-c", check.command), deadline=check.deadline, environment={"LONGHAUL_REPORT": REPORT, "PYTHONDONTWRITEBYTECODE": "1"}
    )
    desk.hush()
    desk.said("test", done)
    _read(check, done, desk)


def graded_paths(check: TestIds) -> tuple[str, ...]:
    """Where graded tests lie: the files that enter for grading, and those that ids name, which may be the repository's own."""
    named = (ident.partition("::")[0] for ident in (*check.fail_to_pass, *check.pass_to_pass))
    return tuple(sorted({*(file.path for file in check.files), *named}))


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


def _read(check: TestIds, done: Exec, desk: Desk) -> None:
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
    desk.note("read", ok=ok, results=results, detail=detail, log=desk.blobs.put(report))
