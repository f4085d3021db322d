"""Real instances end to end: image from the sdist, the fix taken from an agent's container, the official verdict from a fresh one."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from harness.core.events import Event, GradeRan
from harness.core.machine import PreparedImage
from harness.core.ports import GradeOrder, Images, Order, Patch, PatchFile, Sandboxes
from harness.core.task import GoldPatch, TaskSpec
from harness.grading.apply import apply
from harness.wiring.official import suspected, undone
from task_repos.swebench import create
from task_repos.swebench_grader import create as create_grader

from .conftest import MemoryBlobs

NAMES = (
    "pallets__flask-4992", "pytest-dev__pytest-7220", "sphinx-doc__sphinx-11445",
    "sympy__sympy-24152", "django__django-15851", "pydata__xarray-4248",
)  # fmt: skip


def fix(task: TaskSpec, image: PreparedImage, sandboxes: Sandboxes, hunks: int | None = None) -> Patch:
    """The known solution (or its first hunks), applied in a container of the agent's and read back by path."""
    assert isinstance(task.solution, GoldPatch)
    lines = task.solution.diff.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith(b"@@")]
    diff = b"".join(lines if hunks is None else lines[: starts[hunks]])
    with sandboxes.open(Order(image, task.place, (("purpose", "agent"),))) as sandbox:
        sandbox.write(PurePosixPath("/tmp/fix.diff"), diff)
        assert sandbox.exec(("git", "apply", "/tmp/fix.diff"), deadline=60).exit_code == 0
        changed = sandbox.exec(("git", "diff", "--name-only"), deadline=60).stdout.decode().split()
        return Patch(tuple(PatchFile(name, "file", 0o644, sandbox.read(PurePosixPath(name))) for name in changed), ())


def verdict(task: TaskSpec, image: PreparedImage, work: Patch, sandboxes: Sandboxes) -> GradeRan:
    events: list[Event] = []
    create_grader(apply=apply, undo=undone, scan=suspected).grade(GradeOrder(task, image, work, (("run", "test"),)), sandboxes, MemoryBlobs(), events.append)
    return [event for event in events if isinstance(event, GradeRan) and event.phase == "official"][-1]


def judge(name: str, data: Path, images: Images, sandboxes: Sandboxes) -> None:
    task = next(task for task in create(path=str(data / "swebench_sample")) if task.id == name)
    image = images.prepare(task.place, print)
    gold = verdict(task, image, fix(task, image, sandboxes), sandboxes)
    idle = verdict(task, image, Patch((), ()), sandboxes)
    listed = (*task.check.fail_to_pass, *task.check.pass_to_pass)  # type: ignore[union-attr]
    assert {result.id: result.status for result in gold.results} == dict.fromkeys(listed, "passed")
    failed = {result.id for result in idle.results if result.status != "passed"}
    assert failed == set(task.check.fail_to_pass)  # type: ignore[union-attr]
    assert (gold.reward, idle.reward) == (1.0, 0.0)


DAILY = NAMES[:2]


@pytest.mark.parametrize("name", [*DAILY, *(pytest.param(name, marks=pytest.mark.long) for name in NAMES if name not in DAILY)])
def test_oracle_is_resolved_and_idle_is_not(name: str, data: Path, images: Images, sandboxes: Sandboxes) -> None:
    """With the fix every listed test passes and the package says resolved; without, exactly FAIL_TO_PASS fails and it does not."""
    judge(name, data, images, sandboxes)


def test_fix_with_one_hunk_removed_is_unresolved(data: Path, images: Images, sandboxes: Sandboxes) -> None:
    """Half of the known solution is not enough for the official verdict."""
    task = next(task for task in create(path=str(data / "swebench_sample")) if task.id == NAMES[0])
    image = images.prepare(task.place, print)
    assert verdict(task, image, fix(task, image, sandboxes, hunks=1), sandboxes).reward == 0.0
