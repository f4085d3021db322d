"""What is made once per image, however many trials want it at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WANT = """
import os, sys, time
from contextlib import contextmanager
from pathlib import Path
from harness.core.machine import PreparedImage
from harness.core.task import ImageTag, Place
from harness.store.lines import RunLines
from sandboxes.host import create
folder, repository = Path(sys.argv[1]), sys.argv[2]
class Counted:
    @contextmanager
    def open(self, order):
        with (folder / "opened").open("a") as file:
            file.write("once\\n")
        with create().open(order) as sandbox:
            while len(list(folder.glob("begun-*"))) < 2:  # the other one is there, too, while this one works
                time.sleep(0.01)
            yield sandbox
print("ready", flush=True)
sys.stdin.readline()
(folder / f"begun-{os.getpid()}").touch()
image = PreparedImage("none", "sha256:none", "sha256:none", "amd64", "")
print(len(RunLines(folder, Counted()).base(image, Place(ImageTag("none"), upload=repository)).image))
"""


def test_the_base_of_an_image_is_taken_once_for_two_processes(tmp_path: Path) -> None:
    """Of two workers that begin with the same image at once, one takes what it holds and the other finds it; both work with the same base."""
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "a.txt").write_text("one\n")
    argv = (sys.executable, "-c", WANT, str(tmp_path), str(repository))
    workers = [subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate()[0] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert len(set(said)) == 1
    assert (tmp_path / "opened").read_text() == "once\n"
