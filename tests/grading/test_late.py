"""A slow machine is nobody's failure: what was late beside another run, or left open by its twin, is run once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from harness.core.blob import Blob
from harness.core.events import Digests, Entry, Event, GradeRan, TrialStarted
from harness.core.machine import Ended, Exec, PreparedImage
from harness.core.ports import GradeOrder, Order, Patch, PatchFile, Sandbox
from harness.core.task import Brief, CopiedFile, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import TrialKey, Verdict
from harness.grading.examine import Examiner
from harness.metrics.verdict import judge
from sandboxes import docker, docker_images
from sandboxes.docker_base import BaseImage

pytestmark = pytest.mark.docker

HIDDEN = b"from calc import add\n\n\ndef test_new():\n    assert add(3, 2) == 5\n"
CHECK = TestIds("python3 -m pytest -p no:cacheprovider -q tests", "pytest", ("tests/test_new.py::test_new",), (), (CopiedFile("tests/test_new.py", HIDDEN),), deadline=61)
RIGHT = PatchFile("calc.py", "file", 0o644, b"def add(a, b):\n    return a + b\n")
STEERING = PatchFile("conftest.py", "file", 0o644, b"import sys\n")


class Slow:
    """Sandboxes of whose runs of tests the named ones are told to have run out of time."""

    def __init__(self, *late: int) -> None:
        self.real, self.late, self.tests = docker.create(), late, 0

    @contextmanager
    def open(self, order: Order) -> Iterator[Any]:
        with self.real.open(order) as sandbox:
            yield Delayed(sandbox, self)

    def told(self) -> bool:
        """Whether the run of tests that ends now is one of the late ones, counted from 1 in the order in which they end."""
        self.tests += 1
        return self.tests in self.late


class Delayed:
    def __init__(self, sandbox: Sandbox, slow: Slow) -> None:
        self.sandbox, self.slow = sandbox, slow

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sandbox, name)

    def exec(self, argv: tuple[str, ...], **more: Any) -> Exec:
        done = self.sandbox.exec(argv, **more)
        late = more["deadline"] == CHECK.deadline and self.slow.told()
        return msgspec.structs.replace(done, ended=Ended.DEADLINE) if late else done


class Blobs:
    def put(self, data: bytes) -> Blob:
        return Blob("0" * 64, len(data))


@pytest.fixture(scope="module")
def place(base_image: BaseImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TaskSpec, PreparedImage]]:
    folder = tmp_path_factory.mktemp("doubt")
    (folder / "repo" / "tests").mkdir(parents=True)
    (folder / "repo" / "calc.py").write_text("def add(a, b):\n    return a - b\n")
    where = Place(ImageTag(base_image.tag), workdir="/workspace", upload=str(folder / "repo"), memory_mb=256, cpus=1.0)
    images = docker_images.create(cache=folder / "cache")
    yield TaskSpec("slow", "", Brief(()), where, CHECK, Provenance("x")), images.prepare(where, lambda _: None)
    images.close()


def graded(place: tuple[TaskSpec, PreparedImage], files: tuple[PatchFile, ...], *late: int) -> tuple[Verdict, list[str]]:
    """The verdict, and the mode of each run of tests on record."""
    task, image = place
    events: list[Event] = [TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")]
    Examiner().grade(GradeOrder(task, image, Patch(files, ()), (("trial", "t"),)), Slow(*late), Blobs(), events.append)  # type: ignore[arg-type]
    verdict = judge(task.check, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1)))
    return verdict, [event.mode for event in events if isinstance(event, GradeRan) and event.phase == "test"]


def test_whoever_is_late_once_is_tried_again(place: tuple[TaskSpec, PreparedImage]) -> None:
    """The first two to end are fresh and twin, in any order: whichever was late runs again, and honest work passes."""
    for late in (1, 2):
        verdict, modes = graded(place, (RIGHT,), late)
        assert (verdict.outcome, len(modes)) == ("passed", 3), (verdict, modes)


def test_a_strict_run_is_tried_again_and_twice_late_is_a_dispute(place: tuple[TaskSpec, PreparedImage]) -> None:
    """Fresh ends first, since the twin of work that steers its runner waits for it; hanging in every other run is no way out."""
    verdict, modes = graded(place, (RIGHT, STEERING), 2, 3)
    assert verdict.outcome == "passed", (verdict, modes)
    assert sorted(modes) == ["fresh", "strict", "strict", "twin", "twin"]
    verdict, modes = graded(place, (RIGHT, STEERING), 2, 3, 4)
    assert (verdict.outcome, verdict.reason) == ("failed", "disputed"), (verdict, modes)
