"""The grader in real containers: phases, verdict, and what a patch can't do to them, on a project of three files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.core.errors import TaskError
from harness.core.events import Event, GradeRan, SandboxOpened
from harness.core.machine import Ended, PreparedImage
from harness.core.ports import GradeOrder, Images, Patch, PatchFile, Sandboxes
from harness.core.task import ImageTag, Official, Place, TaskSpec
from task_repos.swebench import create
from task_repos.swebench_grader import create as create_grader

from .conftest import MODERN, MemoryBlobs

PYTHON = "python3 -m pytest -p no:cacheprovider -rA"
SCRIPT = f"""#!/bin/bash
set -uxo pipefail
cd /testbed
python3 -c 'import a'
: '>>>>> Start Test Output'
{PYTHON} test_a.py
: '>>>>> End Test Output'
"""
FILES = {
    "a.py": "def one(): return 0\ndef two(): return 2\n",
    "test_a.py": "import a\ndef test_one(): assert a.one() == 1\ndef test_two(): assert a.two() == 2\n",
    "old/gone.txt": "gone\n",
    "solid": "a file\n",
}
FIXED = b"def one(): return 1\ndef two(): return 2\n"
FORGED = b"""\
import sys
print('>>>>> Start Test Output', 'PASSED test_a.py::test_one', 'PASSED test_a.py::test_two', '>>>>> End Test Output', '>>>>> Test Exit Code: 0', sep='\\n')
print('>>>>> Start Test Output', 'PASSED test_a.py::test_one', 'PASSED test_a.py::test_two', '>>>>> End Test Output', sep='\\n', file=sys.stderr)
def one(): return 0
def two(): return 2
"""


def patch(path: str, data: bytes, kind: str = "file") -> Patch:
    return Patch((PatchFile(path, kind, 0o644, data),), ())


class Bench:
    """One task in one image, graded as often as asked."""

    def __init__(self, task: TaskSpec, image: PreparedImage, sandboxes: Sandboxes, blobs: MemoryBlobs) -> None:
        self.task, self.image, self.sandboxes, self.blobs = task, image, sandboxes, blobs

    def grade(self, work: Patch, **changes: Any) -> list[Event]:
        check = msgspec.structs.replace(self.task.check, **changes)
        task = msgspec.structs.replace(self.task, check=check)
        events: list[Event] = []
        create_grader().grade(GradeOrder(task, self.image, work, (("run", "test"),)), self.sandboxes, self.blobs, events.append)
        return events

    def row(self, **changes: Any) -> str:
        assert isinstance(self.task.check, Official)
        return msgspec.json.encode(msgspec.json.decode(self.task.check.row) | changes).decode()


@pytest.fixture
def bench(tmp_path: Path, rows: Callable[..., Path], base_image: Any, images: Images, sandboxes: Sandboxes, blobs: MemoryBlobs) -> Bench:
    project = tmp_path / "project"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    lists = {"FAIL_TO_PASS": ["test_a.py::test_one"], "PASS_TO_PASS": ["test_a.py::test_two"]}
    (task,) = create(path=str(rows(MODERN | lists | {"eval_script": SCRIPT})))
    place = Place(ImageTag(base_image.tag), "/testbed", memory_mb=512, cpus=1.0, upload=str(project))
    return Bench(msgspec.structs.replace(task, place=place), images.prepare(place, print), sandboxes, blobs)


def runs(events: list[Event]) -> dict[str, GradeRan]:
    return {event.phase: event for event in events if isinstance(event, GradeRan)}


def test_fix_is_resolved_with_every_phase_on_record(bench: Bench, blobs: MemoryBlobs) -> None:
    """A right change is resolved; container, four phases, statuses, log and report are recorded."""
    events = bench.grade(patch("a.py", FIXED))
    ran = runs(events)
    assert isinstance(events[0], SandboxOpened)
    assert list(ran) == ["apply", "prepare", "test", "official"]
    last = ran["official"]
    assert (last.reward, last.mode, [result.status for result in last.results]) == (1.0, "official", ["passed", "passed"])
    assert ran["test"].log is not None
    assert last.log is not None
    assert b"PASSED test_a.py::test_one" in blobs.get(ran["test"].log)
    assert msgspec.json.decode(blobs.get(last.log))["resolved"] is True


def test_empty_patch_is_graded_and_unresolved(bench: Bench) -> None:
    """Doing nothing is judged by the same tests, and fails."""
    last = runs(bench.grade(Patch((), ())))["official"]
    assert (last.reward, [result.status for result in last.results]) == (0.0, ["failed", "passed"])
    assert "1 FAIL_TO_PASS" in last.detail


def test_forged_log_in_either_phase_changes_nothing(bench: Bench) -> None:
    """Markers, statuses and an exit code printed while the script prepares or tests turn no verdict."""
    last = runs(bench.grade(patch("a.py", FORGED)))["official"]
    assert last.reward == 0.0
    assert [result.status for result in last.results] == ["failed", "passed"]


def test_tests_past_their_deadline_are_ended_and_unresolved(bench: Bench) -> None:
    """A test that never ends is killed at the deadline; what passed before it counts for nothing."""
    ran = runs(bench.grade(patch("a.py", b"def one(): return 1\ndef two():\n    while True: pass\n"), deadline=3))
    assert ran["test"].ended is Ended.DEADLINE
    assert ran["official"].reward == 0.0


@pytest.mark.parametrize("path", ["../x", "/etc/x", ".git/config", ".GIT/config", "a/../../x", ""])
def test_path_outside_the_work_is_not_laid(path: str, bench: Bench) -> None:
    """A patch that reaches out of the tree or into git's records is not applied, and no test runs."""
    events = bench.grade(patch(path, b"x"))
    ran = runs(events)
    assert list(ran) == ["apply"]
    assert (ran["apply"].ok, "not a path" in ran["apply"].detail) == (False, True)


def test_all_kinds_of_changes_are_laid(bench: Bench, blobs: MemoryBlobs) -> None:
    """Removals, new folders, links, executables, a folder become a file and a file a folder: the container has them as the patch says."""
    files = (
        PatchFile("a.py", "link", 0o777, b"real.py"),
        PatchFile("real.py", "file", 0o755, FIXED),
        PatchFile("new", "dir", 0o755, b""),
        PatchFile("solid", "dir", 0o755, b""),
        PatchFile("old", "file", 0o644, b"now a file"),
        PatchFile("deep/er/x.bin", "file", 0o644, b"\0\xff"),
    )
    script = SCRIPT.replace(PYTHON, f"readlink a.py; test -x real.py && test -d new && test -d solid && cat old && test ! -e test_b.py && wc -c deep/er/x.bin\n{PYTHON}")
    ran = runs(bench.grade(Patch(files, ("old/gone.txt", "test_b.py")), row=bench.row(eval_script=script)))
    assert ran["test"].log is not None
    log = blobs.get(ran["test"].log).decode()
    assert "\nreal.py\n" in log
    assert "now a file" in log
    assert "2 deep/er/x.bin" in log
    assert ran["official"].reward == 1.0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"eval_script": ""}, "owner__name-1 eval_script: found no test command"),
        ({"log_parser": ""}, "owner__name-1 log_parser: found nothing"),
        ({"eval_script": "pytest\n"}, "owner__name-1 eval_script: found other markers"),
    ],
)
def test_row_that_can_t_run_is_refused_before_a_container(changes: dict[str, str], sentence: str, bench: Bench) -> None:
    """What a row lacks is named, and nothing was opened."""
    events: list[Event] = []
    with pytest.raises(TaskError) as caught:
        events += bench.grade(Patch((), ()), row=bench.row(**changes))
    assert sentence in str(caught.value)
    assert events == []


def test_parser_that_the_package_has_not_is_the_task_s_fault(bench: Bench) -> None:
    """An unknown parser is a TaskError with its field."""
    with pytest.raises(TaskError, match="log_parser: found 'parse_log_mine', expected one of"):
        bench.grade(Patch((), ()), row=bench.row(log_parser="parse_log_mine"))
