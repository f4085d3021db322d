"""Where a run stands, read from its record while another process writes it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import docker
import msgspec
import pytest

from harness.cli.screen.watching import Watcher
from harness.core.agent import Stop
from harness.core.chat import ReplyStop, Sampling, Timing, Usage
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    ModelAsked,
    ModelOpened,
    ModelReplied,
    ToolCalled,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
)
from harness.core.facts import ModelFacts, Price, Window
from harness.core.trial import TrialKey
from harness.settings import read as settings
from harness.store.sqlite import RunStore, create, reading
from harness.wiring.forking import FORK, UNBORN
from sandboxes.docker_base import BaseImage
from tests.cli.conftest import COMMAND
from tests.cli.rows import a_row
from tests.cli.test_interruption import PATIENCE_S, in_the_command

KEYS = tuple(TrialKey("run", "task", "coder", "m/x", "", attempt) for attempt in range(1, 5))
OPENED = ModelOpened(ModelFacts("m", "x", window=Window(8000, 4000), price=Price("2026-10", 5.0, 25.0, 0.5, 6.25)))


def started(key: TrialKey) -> TrialStarted:
    return TrialStarted(key, 1, None, 7, Digests("", "", "", ""), "{}", "host")


def replied(tokens: int) -> ModelReplied:
    told = Usage(tokens, 0, 0, 200)
    return ModelReplied("m2", (), ReplyStop.TOOL, "stop", told, Timing(1.0), None, 0, 0, (), (), "", None, None)


ASKED = ModelAsked(1, (), Sampling(), None, 100, "", "")


class Writing:
    """The process that drives: its store, a pen per trial, and the seconds."""

    def __init__(self, folder: Path) -> None:
        self.store = create(folder / "run", KEYS, {"run": "run", "harness": "judge"})
        self.now, self.driven = 1000.0, True
        self.pens = {key: self.store.begin(key) for key in KEYS}
        self.seqs = dict.fromkeys(KEYS, 0)

    def write(self, key: TrialKey, *events: tuple[float, Event]) -> None:
        for at, event in events:
            self.seqs[key] += 1
            self.pens[key](Entry(self.seqs[key], at, event))

    def settle(self, key: TrialKey, outcome: str) -> None:
        row = msgspec.json.encode(a_row(outcome=outcome, cost_usd=None))
        self.store.settle(key, self.pens[key], row, "judge")

    def watcher(self, store: RunStore | None = None) -> Watcher:
        return Watcher(store or reading(self.store.folder), {}, lambda: self.driven, lambda: self.now)


@pytest.fixture
def writing(tmp_path: Path) -> Writing:
    return Writing(tmp_path)


def test_a_trial_under_way_is_told_from_its_events(writing: Writing) -> None:
    """Turn, last tool, what it is at, how full the window is, tokens and cost: by the same folds that limits and reports use."""
    one, two = KEYS[:2]
    writing.write(one, (0, started(one)), (1, OPENED), (2, ASKED), (3, replied(2800)), (3.5, ToolCalled("c", "shell", "{}")))
    writing.write(two, (0, started(two)), (1, OPENED), (4, ASKED))
    watcher = writing.watcher()
    first, second = watcher.look().running
    assert (first.trial, first.doing, first.turn, first.tool, first.tokens, first.fill) == ("t0001", "working", 1, "shell", 3000, 0.75)
    assert first.cost_usd == pytest.approx(2800 * 5e-6 + 200 * 25e-6)
    assert (second.trial, second.doing, second.fill) == ("t0002", "thinking", None)
    writing.now += 10
    assert watcher.look().running[0].seconds >= 13.5


def test_a_look_reads_only_what_is_new(writing: Writing) -> None:
    """What was read once is not read again, and a settled trial's trace is not read at all where its row is kept."""
    asked: list[tuple[str, int]] = []

    class Counting(RunStore):
        def since(self, short: str, seq: int) -> tuple[Entry, ...]:
            asked.append((short, seq))
            return super().since(short, seq)

    one, two = KEYS[:2]
    writing.write(one, (0, started(one)), (1, OPENED))
    writing.write(two, (0, started(two)))
    watcher = writing.watcher(Counting(writing.store.folder))
    watcher.look()
    assert asked == [("t0001", 0), ("t0002", 0)]
    watcher.look()
    writing.write(one, (2, ASKED))
    writing.settle(two, "passed")
    assert watcher.look().outcomes == {"passed": 1}
    assert asked[2:] == [("t0001", 2)]
    writing.settle(one, "failed")
    told = watcher.look()
    assert (told.outcomes, told.running, told.waiting) == ({"passed": 1, "failed": 1}, (), 2)
    assert asked[3:] == []


@pytest.mark.parametrize(("finished", "state"), [(None, "stopped"), ("", "interrupted"), ("2026-01-01T10:00:00+0000", "finished")])
def test_how_a_run_ended_is_told(writing: Writing, finished: str | None, state: str) -> None:
    """A run that nobody drives was finished, interrupted or killed; then nothing of it is under way, whatever its trials last said."""
    writing.write(KEYS[0], (0, started(KEYS[0])))
    assert writing.watcher().look().state == "running"
    if finished is not None:
        writing.store.keep("finished", finished)
    writing.store.note("limit", "the run's 2 hours are over")
    writing.driven = False
    told = writing.watcher().look()
    assert (told.state, told.running, told.note) == (state, (), "the run's 2 hours are over")


def test_what_was_never_born_is_not_to_be_resumed(inside: Callable[..., tuple[int, str, str]]) -> None:
    """A probe or fork that was killed while its past was copied: status does not send anybody to resume, which refuses it."""
    home = settings().home / "runs"
    create(home / "20260101-000000-aaaa", KEYS, {"run": "20260101-000000-aaaa", "plan": '{"tasks":["staged:S"]}', FORK: UNBORN}).close()
    code, out, _ = inside("status", "last")
    assert (code, "longhaul resume" in out, "nothing can be resumed" in out, "begin it again" in out) == (0, False, True, True)
    code, out, _ = inside("status", "last", "--json")
    assert (code, json.loads(out)["state"], json.loads(out)["counts"]["planned"]) == (0, "unborn", 4)
    code, _, err = inside("resume", "last")
    assert (code, "fork or probe again" in err) == (2, True)
    assert [each["state"] for each in json.loads(inside("runs", "--json")[1])["runs"]] == ["unborn"]


def test_an_end_from_before_a_resumption_is_none(writing: Writing) -> None:
    """A run that ended, was taken up again and was then killed is not finished."""
    writing.store.keep("finished", "2026-01-01T10:00:00+0000")
    writing.driven = False
    assert writing.watcher().look().state == "finished"
    writing.store.forget("finished")  # as a resumption begins
    assert writing.watcher().look().state == "stopped"


def test_a_try_that_is_over_is_not_under_way(writing: Writing) -> None:
    """An interrupted trial waits for its next try; one that is tried again is under way."""
    one, two = KEYS[:2]
    writing.write(one, (0, started(one)), (1, TrialInterrupted("by hand")))
    writing.write(two, (0, started(two)), (1, TrialBroke("sandbox", "gone", will_retry=True)))
    assert [each.trial for each in writing.watcher().look().running] == ["t0002"]


def test_pace_counts_since_the_run_was_taken_up(writing: Writing) -> None:
    """Trials settled before a resumption don't make it look fast; money counts from the beginning."""
    writing.settle(KEYS[0], "passed")
    settled = writing.store.progress()["t0001"].settled or 0
    lock = writing.store.folder / "lock"
    lock.touch()
    os.utime(lock, (settled + 100, settled + 100))
    writing.now = settled + 200
    writing.store.note("paid", "t0001 0.5")
    told = writing.watcher().look()
    assert (told.pace.settled, round(told.pace.seconds), told.pace.per_hour, told.cost_usd) == (0, 100, None, 0.5)
    os.utime(lock, (settled - 100, settled - 100))
    told = writing.watcher().look()
    assert (told.pace.settled, round(told.pace.seconds), told.pace.left_s(3)) == (1, 300, pytest.approx(900))


def test_the_agents_end_is_grading(writing: Writing) -> None:
    """Between the agent's last word and the verdict a trial is graded."""
    writing.write(KEYS[0], (0, started(KEYS[0])), (1, AgentStopped(Stop.ANSWERED)))
    assert writing.watcher().look().running[0].doing == "grading"


def test_a_run_is_watched_from_another_process_until_it_is_killed(
    started: Callable[..., subprocess.Popen[str]], environment: dict[str, str], engine: docker.DockerClient, base_image: BaseImage, tmp_path: Path
) -> None:
    """`status` shows the trial and its tool while the run goes on; `--follow` sees kill -9 of it, says what to do, and ends; Ctrl-C is 130."""
    process = started("--json-lines", "-n", "1")
    short = in_the_command(process)

    def by_hand() -> None:
        """Who starts a test in the background leaves it a SIGINT that is ignored, which a process at a terminal has not."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def status(*words: str) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen((*COMMAND, "status", *words), cwd=tmp_path, env=environment, text=True, preexec_fn=by_hand, **pipes)  # noqa: PLW1509

    out, err = status("--json").communicate(timeout=PATIENCE_S)
    told = json.loads(out)
    assert (told["schema"], told["state"], told["counts"]["running"]) == ("longhaul.status/1", "running", 1), err
    assert (told["running"][0]["trial"], told["running"][0]["doing"], told["running"][0]["tool"]) == (short, "working", "shell")
    left, following = status("last", "--follow"), status("last", "--follow", "--json")
    for each in (left, following):
        assert each.stdout
        assert each.stdout.readline()
    left.send_signal(signal.SIGINT)
    left.communicate(timeout=PATIENCE_S)
    assert left.returncode == 130
    process.kill()
    out, err = following.communicate(timeout=PATIENCE_S)
    assert following.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["state"] == "stopped"
