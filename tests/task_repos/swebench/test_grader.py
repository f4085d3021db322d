"""The grader in real containers: phases, verdict, and what a patch can't do to them, on a project of three files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from harness.core.errors import TaskError
from harness.core.events import Event, GradeRan, SandboxOpened
from harness.core.machine import Ended, Exec, PreparedImage
from harness.core.ports import GradeOrder, Images, Order, Patch, PatchFile, Sandbox, Sandboxes
from harness.core.task import ImageTag, Official, Place, TaskSpec
from harness.grading.apply import apply
from harness.metrics.official import agreed
from harness.wiring.official import suspected, undone
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
    "conftest.py": "",
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
        self.task, self.image, self.blobs = task, image, blobs
        self.sandboxes: Any = sandboxes

    def grade(self, work: Patch, **changes: Any) -> list[Event]:
        check = msgspec.structs.replace(self.task.check, **changes)
        task = msgspec.structs.replace(self.task, check=check)
        events: list[Event] = []
        create_grader(apply=apply, undo=undone, scan=suspected).grade(GradeOrder(task, self.image, work, (("run", "test"),)), self.sandboxes, self.blobs, events.append)
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


def runs(events: list[Event], mode: str = "") -> dict[str, GradeRan]:
    """By phase; the phases of one mode where it is named, else those of the fresh run with the package's verdict on it."""
    modes = (mode,) if mode else ("fresh", "official")
    return {event.phase: event for event in events if isinstance(event, GradeRan) and event.mode in modes}


def test_fix_is_resolved_with_every_phase_on_record(bench: Bench, blobs: MemoryBlobs) -> None:
    """A right change is resolved twice, by the package and in a strict run with a pair of ours; phases, statuses, logs, reports are recorded."""
    events = bench.grade(patch("a.py", FIXED))
    ran, again = runs(events), runs(events, "strict")
    assert [type(event).__name__ for event in events].count("SandboxOpened") == 2
    assert list(again) == ["apply", "prepare", "test", "official", "scan"]
    strict = again["official"]
    assert (strict.reward, strict.evidence, strict.restored, len(strict.canary or ())) == (1.0, (), (), 2)
    assert b"2 passed" in blobs.get(ran["test"].log)  # type: ignore[arg-type]
    assert b"1 failed, 3 passed" in blobs.get(again["test"].log)  # type: ignore[arg-type]
    assert isinstance(events[0], SandboxOpened)
    assert list(ran) == ["apply", "prepare", "test", "official"]
    last = ran["official"]
    assert (last.reward, last.mode, [result.status for result in last.results]) == (1.0, "official", ["passed", "passed"])
    assert ran["test"].log is not None
    assert last.log is not None
    assert b"PASSED test_a.py::test_one" in blobs.get(ran["test"].log)
    assert msgspec.json.decode(blobs.get(last.log))["resolved"] is True


def test_empty_patch_is_graded_and_unresolved(bench: Bench) -> None:
    """Doing nothing is judged by the same tests, and fails; no strict run is needed to say so."""
    events = bench.grade(Patch((), ()))
    last = runs(events)["official"]
    assert runs(events, "strict") == {}
    assert (last.reward, [result.status for result in last.results]) == (0.0, ["failed", "passed"])
    assert "1 FAIL_TO_PASS" in last.detail


def test_forged_log_in_either_phase_changes_nothing(bench: Bench) -> None:
    """Markers, statuses and an exit code printed while the script prepares or tests turn no verdict."""
    last = runs(bench.grade(patch("a.py", FORGED)))["official"]
    assert last.reward == 0.0
    assert [result.status for result in last.results] == ["failed", "passed"]
    assert any("Start Test Output" in sign for sign in last.evidence)


HOOK = b"""\
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = 'passed'
    outcome.get_result().longrepr = None
"""
QUITTING = b"""\
import atexit, os, sys
def quit():
    sys.stdout.flush()
    os.write(1, b'\\nPASSED test_a.py::test_one\\nPASSED test_a.py::test_two\\n')
    os._exit(0)
atexit.register(quit)
def one(): return 0
def two(): return 2
"""
REWRITING = HOOK.replace(b"import pytest\n", b"def one(): return 0\ndef two(): return 2\nimport pytest\n") + b"""\
def register():
    import gc, sys
    for each in gc.get_objects():
        if type(each).__name__ == 'PytestPluginManager':
            each.register(sys.modules[__name__], 'a')
register()
"""


@pytest.mark.parametrize(
    ("work", "reward", "sign"),
    [
        (patch("conftest.py", HOOK), 0.0, ""),
        (patch("a.py", QUITTING), 0.0, "ended with status 0 although a test failed that must"),
        (patch("a.py", REWRITING), 1.0, "a test that must fail was reported as PASSED"),
    ],
    ids=["hook in a conftest", "prints and quits", "hook from the code under test"],
)
def test_trick_that_the_package_believes_does_not_pass_the_strict_run(work: Patch, reward: float, sign: str, bench: Bench) -> None:
    """What steers the runner is put back, and what the code does to the runner of its own process shows in our pair of tests."""
    events = bench.grade(work)
    strict = runs(events, "strict")["official"]
    assert runs(events)["official"].reward == 1.0
    assert strict.reward == reward if not sign else any(sign in each for each in strict.evidence)
    assert strict.restored == (("conftest.py",) if b"conftest" in repr(work.files[0].path).encode() else ())
    assert not strict.evidence or sign


def test_trick_that_spares_our_pair_is_seen_in_what_was_written(bench: Bench) -> None:
    """A hook that turns the graded tests alone passes both runs; the lines that reach for the runner stand in the scan."""
    gated = REWRITING.replace(b"    outcome.get_result().outcome", b"    if item.name not in ('test_one', 'test_two'): return\n    outcome.get_result().outcome")
    events = bench.grade(patch("a.py", gated))
    strict = runs(events, "strict")
    assert (strict["official"].reward, strict["official"].evidence) == (1.0, ())
    assert any(sign.startswith("a.py:") for sign in strict["scan"].evidence)


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


class Slow:
    """Sandboxes of which the named ones, in the order of their opening, run out of time in their tests."""

    def __init__(self, real: Sandboxes, *late: int) -> None:
        self.real, self.late, self.opened = real, late, 0

    @contextmanager
    def open(self, order: Order) -> Iterator[Any]:
        self.opened += 1
        with self.real.open(order) as sandbox:
            yield Delayed(sandbox) if self.opened in self.late else sandbox


class Delayed:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sandbox, name)

    def exec(self, argv: tuple[str, ...], **more: Any) -> Exec:
        done = self.sandbox.exec(argv, **more)
        return msgspec.structs.replace(done, ended=Ended.DEADLINE, exit_code=None) if ".test" in argv[-1] else done


@pytest.mark.parametrize(("late", "opened", "outcome"), [((2,), 3, "solved"), ((2, 3), 3, "disputed")], ids=["once", "twice"])
def test_a_strict_run_that_was_late_is_tried_again(bench: Bench, late: tuple[int, ...], opened: int, outcome: str) -> None:
    """What ended well in time before may be late for the machine's sake; a second time it is no pass, and no fault of the world."""
    slow = Slow(bench.sandboxes, *late)
    bench.sandboxes = slow
    events = bench.grade(patch("a.py", FIXED))
    assert (slow.opened, agreed(tuple(event for event in events if isinstance(event, GradeRan)))[1]) == (opened, outcome)


def test_work_that_can_be_laid_in_only_with_its_own_steering_is_disputed(bench: Bench) -> None:
    """A folder where base has its conftest.py keeps the strict run out; that must not spare the work the strict verdict."""
    files = (PatchFile("conftest.py", "dir", 0o755, b""), PatchFile("conftest.py/x", "file", 0o644, b"x"), PatchFile("a.py", "file", 0o644, FIXED))
    ran = tuple(event for event in bench.grade(Patch(files, ())) if isinstance(event, GradeRan))
    assert [(run.phase, run.ok) for run in ran if run.mode == "strict"] == [("apply", False), ("scan", True)]
    assert agreed(ran)[:2] == ("failed", "disputed")
