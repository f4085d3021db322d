"""Grading of a right patch that touches no runner file (fresh and twin run, channel, pair, scan) beside the same tests by hand in one container."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure, told
from benchmarks.sandbox_measure import docker
from harness.core.blob import Blob
from harness.core.events import Digests, Entry, Event, TrialStarted
from harness.core.machine import PreparedImage
from harness.core.ports import GradeOrder, Patch, PatchFile
from harness.core.task import Brief, CopiedFile, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TrialKey
from harness.grading.examine import Examiner
from harness.metrics.verdict import judge
from sandboxes import docker as containers
from sandboxes import docker_images
from sandboxes.docker_base import TAG

FULL, QUICK = 15, 5
MOST_S = 1.0
MODULE = "def total(values):\n    return sum(values) {}\n"
TEST = "from pkg.m{0} import total\n\n\ndef test_total():\n    assert total([1, 2, {0}]) == {1}\n\n\ndef test_work():\n    assert sum(n * n for n in range(200000)) > 0\n"
FILES = 12
IDS = tuple(f"tests/test_m{n}.py::test_{name}" for n in range(FILES) for name in ("total", "work"))
HIDDEN = tuple(CopiedFile(f"tests/test_m{n}.py", TEST.format(n, n + 3).encode()) for n in range(FILES))
PATCH = Patch(tuple(PatchFile(f"pkg/m{n}.py", "file", 0o644, MODULE.format("").encode()) for n in range(FILES)), ())
COMMAND = "python3 -m pytest -q -p no:cacheprovider tests"


class Forgetting:
    """Blobs that nobody reads again."""

    def put(self, data: bytes) -> Blob:
        return Blob("0" * 64, len(data))

    def get(self, blob: Blob) -> bytes:
        raise KeyError(blob.sha256)


@contextmanager
def task() -> Iterator[tuple[TaskSpec, PreparedImage]]:
    """A package of a dozen wrong modules, and its image."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("repo/pkg/__init__.py", "repo/tests/test_old.py", *(f"repo/pkg/m{n}.py" for n in range(FILES))):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(MODULE.format("+ 1") if "/m" in name else "")
        place = Place(ImageTag(TAG), workdir="/workspace", upload=str(folder / "repo"))
        check = TestIds(COMMAND, "junit", IDS[::2], IDS[1::2], HIDDEN, deadline=120)
        images = docker_images.create(cache=folder / "cache")
        yield TaskSpec("grading", "", Brief((Request("1", "Mend the totals."),)), place, check, Provenance("benchmark")), images.prepare(place, lambda _: None)
        images.close()


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """Turn by turn, so that a busy machine weighs on both."""
    ours, hand = [], []
    with task() as (spec, image):
        for _ in range(QUICK if quick else FULL):
            hand.append(timed(lambda: by_hand(image)))
            ours.append(timed(lambda: graded(spec, image)))
    whole, plain = statistics.median(ours), statistics.median(hand)
    return (
        Figure("by_hand", "the tests by hand: container, files, run, removal", plain, "s"),
        Figure("graded", "grading the same work", whole, "s"),
        Figure("overhead", "more than by hand", whole - plain, "s", most=MOST_S),
    )


def timed(act: object) -> float:
    began = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - began


def graded(spec: TaskSpec, image: PreparedImage) -> None:
    """Raises RuntimeError where the right work does not pass."""
    events: list[Event] = [TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")]
    Examiner().grade(GradeOrder(spec, image, PATCH, ()), containers.create(), Forgetting(), events.append)
    verdict = judge(spec.check, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1)))
    if verdict.outcome != "passed" or verdict.flags:
        raise RuntimeError(f"the right work was judged {verdict}")


def by_hand(image: PreparedImage) -> None:
    """As somebody would with the client: one container, the files, the run, and away with it. Raises RuntimeError where a test fails."""
    name = docker("run", "-d", "--network", "none", "--entrypoint", "sleep", "-w", image.workdir, image.reference, "600").decode().strip()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            for path, data in (*((file.path, file.data) for file in PATCH.files), *((file.path, file.data) for file in HIDDEN)):
                (Path(scratch) / path).parent.mkdir(exist_ok=True)
                (Path(scratch) / path).write_bytes(data)
            docker("cp", f"{scratch}/.", f"{name}:{image.workdir}")
        done = subprocess.run(("docker", "exec", name, "sh", "-c", COMMAND), capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stdout.decode()[-500:])
    finally:
        docker("rm", "-f", name)


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
