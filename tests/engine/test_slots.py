"""Places at a model, shared by processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.engine.slots import FileSlots
from tests.engine.doubles import Time

HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom harness.engine.slots import FileSlots\n"
    "with FileSlots(Path(sys.argv[1]), 'm', 1, time.monotonic, time.sleep)():\n    print('held', flush=True)\n    sys.stdin.read()\n"
)


def slots(folder: Path, time: Time, places: int = 1) -> FileSlots:
    return FileSlots(folder, "m", places, lambda: time.at, time.sleep)


def test_a_free_place_is_taken_at_once(tmp_path: Path) -> None:
    """Nobody waits at an idle model, and a place given back is free again."""
    time = Time()
    for _ in range(2):
        with slots(tmp_path, time)() as waited:
            assert waited == 0.0
    assert time.slept == []


def test_as_many_as_there_are_places(tmp_path: Path) -> None:
    """Two places hold two at a time."""
    time = Time()
    with slots(tmp_path, time, 2)(), slots(tmp_path, time, 2)():
        assert time.slept == []


def test_a_taken_place_is_waited_for_and_a_dead_holder_frees_it(tmp_path: Path) -> None:
    """The wait is told; a worker killed with its place in hand does not keep it."""
    time = Time()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"

        def sleep(seconds: float) -> None:
            time.sleep(seconds)
            if len(time.slept) == 3:
                os.kill(holder.pid, signal.SIGKILL)
                holder.wait()

        with FileSlots(tmp_path, "m", 1, lambda: time.at, sleep)() as waited:
            assert waited >= 0.05
