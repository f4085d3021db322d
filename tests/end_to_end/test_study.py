"""`longhaul study` as a user has it: in real containers from its plan to the word on each claim, killed on the way and gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from harness.cli.preparing.pins import HARNESS
from harness.core.events import TrialStarted
from harness.metrics.tries import of
from harness.store.sqlite import RunStore

pytestmark = [pytest.mark.docker, pytest.mark.long]

TASKS, POINTS, ROLLS = 16, 16, 4
PLAN = f"""format = 1
tier = "S"
families = ["T6"]
tasks = {TASKS}
attempts = 1
parallel = 2
points = {POINTS}
rolls = {ROLLS}
distances = ["1k"]
[dials]
callers = 1
rules = 0
[[models]]
use = "simulated/threshold-d50=3000"
window = 16000
"""
"""Half of the smallest study that is not hopeless: facts told in the first request, of which the model keeps those less than 3,000 tokens back."""
LONGEST_S = 3600


class Ground:
    """A home with its runs, and the command in processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.home, self.plan = folder / "home", folder / "fading.toml"
        self.plan.write_text(PLAN)
        self._env = {**os.environ, "LONGHAUL_HOME": str(self.home), "OLLAMA_HOST": "127.0.0.1:9", "NO_COLOR": "1", "COLUMNS": "200"}

    def begun(self, *words: str) -> subprocess.Popen[str]:
        argv = [sys.executable, "-m", "harness.cli.main", "study", "fading", *words]
        return subprocess.Popen(argv, env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def told(self, *words: str) -> dict[str, Any]:
        """Its document, once it has ended."""
        process = self.begun(*words, "--json")
        out, err = process.communicate(timeout=LONGEST_S)
        assert process.returncode in (0, 1), err
        found: dict[str, Any] = json.loads(out)
        return found

    def refused(self, *words: str) -> str:
        """The one sentence of exit 2."""
        process = self.begun(*words)
        _, err = process.communicate(timeout=LONGEST_S)
        assert (process.returncode, len(err.strip().splitlines())) == (2, 1), err
        return err

    def killed(self, when: Callable[[], bool], *words: str) -> None:
        """kill -9 at the moment that comes."""
        process = self.begun(*words, "--quiet")
        end = time.monotonic() + LONGEST_S
        while not when():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def runs(self) -> list[Path]:
        """Oldest first: the study's run, then its probe."""
        return sorted(path for path in (self.home / "runs").glob("*") if (path / "run.sqlite").exists())

    def settled(self, number: int) -> frozenset[str]:
        """Short ids in the run of this number; none before there is one."""
        runs = self.runs()
        if len(runs) <= number:
            return frozenset()
        with closing(RunStore(runs[number])) as store:
            return frozenset(store.settled_shorts())

    def aged(self) -> None:
        """The study's run, as if another version of longhaul had begun it."""
        with closing(RunStore(self.runs()[0])) as store:
            pins = json.loads(store.meta("pins"))
            store.keep("pins", json.dumps(pins | {HARNESS: "0.0.9 sha256:000000000000"}))

    def starts(self, number: int) -> Iterator[tuple[str, int]]:
        """(short id, how often its trial was begun)."""
        with closing(RunStore(self.runs()[number])) as store:
            for short, key in store.keys().items():
                yield short, len(of(store.trace(key), TrialStarted))


def test_a_study_killed_twice_comes_to_its_verdict(tmp_path: Path, base_image: object) -> None:
    """kill -9 in its trials and again in its replays, with another longhaul in between: what was settled is run once, all of it is there in the end, and the words are those of the memory it has."""
    ground = Ground(tmp_path)
    ground.killed(lambda: len(ground.settled(0)) >= 3, str(ground.plan))
    (run,) = ground.runs()
    done = ground.settled(0)
    ground.aged()
    assert "--accept-change goes on" in ground.refused("--resume", run.name)
    ground.killed(lambda: len(ground.settled(1)) >= 5, "--resume", run.name, "--accept-change")
    replayed = ground.settled(1)
    told = ground.told("--resume", run.name)
    assert len(ground.runs()) == 2
    for number, whole, before in ((0, TASKS, done), (1, 2 * ROLLS * POINTS, replayed)):
        starts = dict(ground.starts(number))
        assert len(starts) == len(ground.settled(number)) == whole
        assert all(starts[short] == 1 for short in before)
    assert (told["pending"], told["missing"], told["unread"]) == (0, [], [])
    words = {each["claim"]: each["word"] for each in told["verdicts"] if each["primary"]}
    assert words.keys() == {"near-full", "context"}
    assert words["context"] == "supported"
    assert words["near-full"] != "supported"
    assert ground.told("--result", run.name) == told


def test_a_hopeless_study_leaves_nothing(tmp_path: Path) -> None:
    """One sentence with what it would take, exit 2, and no run."""
    ground = Ground(tmp_path)
    ground.plan.write_text(PLAN.replace(f"tasks = {TASKS}", "tasks = 5"))
    assert "a study that can show something" in ground.refused(str(ground.plan))
    assert ground.runs() == []
