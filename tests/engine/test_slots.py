"""Places at a model, shared by processes: first come, first served, whoever is killed meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.engine.slots import FileSlots
from tests.engine.doubles import Time

COME = """
import sys, time
from pathlib import Path
from harness.engine.slots import FileSlots
waiting = []
def sleep(seconds):
    if not waiting:
        print("waiting", flush=True)
        waiting.append(1)
    time.sleep(seconds)
with FileSlots(Path(sys.argv[1]), "m", 1, time.monotonic, sleep)():
    print("held", flush=True)
    sys.stdin.read()
print("left", flush=True)
"""


def slots(folder: Path, time: Time, places: int = 1) -> FileSlots:
    return FileSlots(folder, "m", places, lambda: time.at, time.sleep)


@pytest.fixture
def come(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Another process comes for the one place; returns once it has said the word."""
    alive: list[subprocess.Popen[str]] = []

    def begin(word: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-c", COME, str(tmp_path)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).resolve().parents[2])
        alive.append(process)
        assert told(process) == word
        return process

    yield begin
    for process in alive:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def leave(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.close()
    assert told(process) == "left"
    process.stdin = None


def test_a_free_place_is_taken_at_once(tmp_path: Path) -> None:
    """Nobody waits at an idle model, and a place given back is free again."""
    time = Time()
    for _ in range(2):
        with slots(tmp_path, time)() as waited:
            assert waited == 0.0
    assert time.slept == []


def test_as_many_as_there_are_places(tmp_path: Path) -> None:
    """Two places hold two at a time, whoever of them leaves first."""
    time = Time()
    with slots(tmp_path, time, 2)():
        with slots(tmp_path, time, 2)():
            assert time.slept == []
        with slots(tmp_path, time, 2)():
            assert time.slept == []


def test_who_came_first_is_served_first(come: Callable[[str], subprocess.Popen[str]]) -> None:
    """Of three that wait, each gets the place in the order in which they came."""
    holder = come("held")
    line = [come("waiting") for _ in range(3)]
    for waiter in line:
        leave(holder)
        assert told(waiter) == "held"
        holder = waiter


def test_a_killed_waiter_and_a_killed_holder_stand_in_nobodys_way(come: Callable[[str], subprocess.Popen[str]]) -> None:
    """After kill -9 of both the third in line has the place, and the fourth still waits for it."""
    holder, killed, third, fourth = come("held"), come("waiting"), come("waiting"), come("waiting")
    for process in (killed, holder):
        process.kill()
        process.wait()
    assert told(third) == "held"
    leave(third)
    assert told(fourth) == "held"


def test_the_wait_is_told(tmp_path: Path, come: Callable[[str], subprocess.Popen[str]]) -> None:
    """Its seconds are the context's value, and a dead holder ends it."""
    time, holder = Time(), come("held")

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if len(time.slept) == 3:
            os.kill(holder.pid, signal.SIGKILL)
            holder.wait()

    with FileSlots(tmp_path, "m", 1, lambda: time.at, sleep)() as waited:
        assert waited >= 0.05


def test_what_ends_badly_gives_its_place_back(tmp_path: Path) -> None:
    """A fault while waiting or holding leaves no ticket in force."""
    time = Time()
    with pytest.raises(RuntimeError), slots(tmp_path, time)():
        raise RuntimeError
    with slots(tmp_path, time)(), pytest.raises(InterruptedError), FileSlots(tmp_path, "m", 1, lambda: time.at, interrupted)():
        pass
    with slots(tmp_path, time)() as waited:
        assert waited == 0.0


def interrupted(_seconds: float) -> None:
    raise InterruptedError
