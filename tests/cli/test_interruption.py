"""A run that is interrupted leaves pending trials, a lawful record and no container."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from harness.core.events import ToolCalled, TrialInterrupted
from harness.core.grammar import violations
from harness.metrics.tries import of
from harness.store.sqlite import RunStore
from sandboxes.docker_base import BaseImage

Begin = Callable[..., "subprocess.Popen[str]"]
PATIENCE_S = 120
BOUND_S = 10


def until(holds: Callable[[], object], seconds: float = PATIENCE_S) -> float:
    """Seconds until it held; fails the test when it never does."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it never came to that"
        select.select((), (), (), 0.05)
    return time.monotonic() - began


def in_the_command(process: subprocess.Popen[str]) -> str:
    """Wait until the trial's slow command runs; the run's id."""
    assert process.stdout
    for line in process.stdout:
        told = json.loads(line)
        if told.get("event") == "ToolCalled":
            return str(told["trial"])
    raise AssertionError(f"the run ended early: {process.stderr.read() if process.stderr else ''}")


def only_run(home: Path) -> RunStore:
    return RunStore(next((home / "runs").iterdir()))


def containers(engine: docker.DockerClient, run: str) -> list[object]:
    # Not `containers.list`, which looks at each once more and fails when one vanishes in between.
    return list(engine.api.containers(all=True, filters={"label": f"longhaul.run={run}"}))


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    return below(process.pid)


def below(pid: int) -> list[int]:
    """Everything that descends from a process: who forks the workers, and the workers."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split())
    return [each for child in children for each in (child, *below(child))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_makes_trials_pending(
    number: signal.Signals, started: Begin, engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path
) -> None:
    """Within ten seconds of Ctrl-C or SIGTERM the trial is pending, its container gone, the exit code 130."""
    process = started("--json-lines")
    in_the_command(process)
    run = only_run(tmp_path / "home").meta("run")
    assert containers(engine, run)
    process.send_signal(number)
    began = time.monotonic()
    out, err = process.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - began < BOUND_S + 2  # two for the interpreter's own end on a busy machine
    assert process.returncode == 130, err
    assert not containers(engine, run)
    last = json.loads(out.splitlines()[-1])
    assert last["counts"]["pending"] == last["counts"]["planned"] == 3
    store = only_run(tmp_path / "home")
    trace = store.trace(store.keys()["t0001"])
    assert of(trace, ToolCalled)
    assert isinstance(trace[-1].event, TrialInterrupted)
    assert not violations(trace)
    assert not store.settled()


def test_the_table_is_printed_after_an_interruption(started: Begin, engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path) -> None:
    """What was known when the user stopped is shown, pending trials counted."""
    process = started()
    # A run is called as its folder is, which is there before its record can be opened.
    until(lambda: any(containers(engine, path.name) for path in (tmp_path / "home" / "runs").glob("*")))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert "planned 3 = 0 passed + 0 failed + 0 broken + 0 invalid + 3 pending" in out
    assert "longhaul report" in out


def test_a_second_signal_kills_and_sweeps(started: Begin, engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path) -> None:
    """The second Ctrl-C waits for nobody: workers are killed, their containers go, the record stays lawful."""
    process = started("--json-lines")
    in_the_command(process)
    store = only_run(tmp_path / "home")
    process.send_signal(signal.SIGINT)
    assert process.stdout
    assert "stopping" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert until(lambda: not containers(engine, store.meta("run")), BOUND_S) < BOUND_S
    trace = store.trace(store.keys()["t0001"])
    assert trace[-1].event == TrialInterrupted("the worker was killed")
    assert not violations(trace)


def test_workers_outlive_a_killed_parent_only_to_clean_up(
    started: Begin, engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path
) -> None:
    """After kill -9 of the command its workers end and their containers vanish."""
    process = started("--json-lines")
    in_the_command(process)
    run, workers = only_run(tmp_path / "home").meta("run"), workers_of(process)
    assert workers
    process.kill()
    process.wait()
    until(lambda: not containers(engine, run), BOUND_S)
    until(lambda: not any(alive(pid) for pid in workers), BOUND_S)


def test_containers_vanish_when_everything_is_killed(
    started: Begin, engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path
) -> None:
    """With parent and workers killed at once the container dies by itself."""
    process = started("--json-lines")
    in_the_command(process)
    run, workers = only_run(tmp_path / "home").meta("run"), workers_of(process)
    for pid in (process.pid, *workers):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    until(lambda: not containers(engine, run), BOUND_S)


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
