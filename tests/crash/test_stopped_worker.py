"""A worker that was taken for dead and comes back: what it still wants to write is refused, and its container goes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sandboxes.docker_base import BaseImage
from tests.crash.ground import SCRIPT, alive, begin, call, ground, kill, met, until, workers
from tests.crash.rounds import containers, judged, left, records, reference

pytestmark = pytest.mark.docker
SLOW = SCRIPT.replace("cat calc.py", "sleep 2; cat calc.py")
"""Long enough to be met in the middle of its first command."""


def test_a_worker_that_comes_back_can_not_write(tmp_path: Path, base_image: BaseImage) -> None:
    """Stopped in the middle of a command, its parent killed, the run resumed and ended without it: then it wakes, is refused, and ends."""
    place = ground(tmp_path, script=SLOW)
    whole = reference(place)
    home = place.home("stopped")
    process = begin(home, "run", str(place.plan), "--json-lines", "--parallel", "1")
    assert met(process, home, "ToolCalled")
    (old,) = workers(process.pid)
    os.kill(old, signal.SIGSTOP)
    try:
        kill(process.pid)
        process.wait()
        run = records(home)[-1].parent.name
        (container,) = containers(run)
        done = call(home, "resume", run, "--json-lines")
        assert done.code == 0, done.err
        ended = left(home)
        assert containers(run) == [container], "the stopped worker lives, so its container is its own"
        os.kill(old, signal.SIGCONT)
        assert until(lambda: not alive(old))
    finally:
        kill(old)
    assert "another worker holds the pen" in (records(home)[-1].parent / "workers.log").read_text("utf-8")
    assert left(home) == ended
    assert judged(home, whole, 0, "") == []
