"""The pool with real processes: forked from a nursery, and with interpreters of their own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.engine.lineup import Lineup, Place
from harness.engine.nursery import Nursery
from harness.engine.pool import Pool
from harness.engine.workers import Interpreters, Line, Start

ROOT = Path(__file__).resolve().parents[2]
ARGV = (sys.executable, str(Path(__file__).with_name("pool_program.py")))
KINDS = ["nursery", "interpreters"]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program imports the harness from this checkout."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@contextmanager
def starting(kind: str, log: Path) -> Iterator[Start]:
    with log.open("ab") as file:
        if kind == "interpreters":
            yield Interpreters(ARGV, file.fileno())
            return
        with Nursery(ARGV, file.fileno()) as nursery:
            yield nursery


class Heard:
    """What the pool said, and what a test does about it."""

    def __init__(self, act: Callable[[Line], object] = lambda _line: None) -> None:
        self.lines: list[Line] = []
        self._act = act

    def __call__(self, line: Line) -> None:
        self.lines.append(line)
        self._act(line)

    def of(self, event: str) -> list[str]:
        return [line.trial for line in self.lines if line.event == event]

    def pids(self) -> set[int]:
        return {int(line.text.split()[0]) for line in self.lines if line.event == "TrialStarted"}


def line(*names: str, lane: str = "") -> Lineup:
    return Lineup([Place(name, name, lane) for name in names])


@pytest.mark.parametrize("kind", KINDS)
def test_every_trial_runs_and_a_dead_worker_is_named(kind: str, tmp_path: Path) -> None:
    """Trials settle in as many processes as are allowed; one that dies takes only its own trial with it, and its exit code is told."""
    heard = Heard()
    with starting(kind, tmp_path / "log") as start:
        Pool(start, 2).run(line("a", "b", "die", "c", f"dieonce-{tmp_path / 'mark'}"), heard, lambda short: short != "die")
    assert sorted(heard.of("Settled")) == ["a", "b", "c", f"dieonce-{tmp_path / 'mark'}"]
    assert [each.text for each in heard.lines if each.event == "Died"] == ["the worker process ended with 3"] * 2
    assert not [pid for pid in heard.pids() if alive(pid)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_further_line_is_begun_once_the_first_is_through(kind: str, tmp_path: Path) -> None:
    """No trial of the one runs beside one of the other, no process is left, and after a stop nothing of a further line is begun."""
    with starting(kind, tmp_path / "log") as start:
        pool, heard = Pool(start, 2), Heard()
        for names in (("a", "b", "c"), (), ("d", "e")):
            pool.run(line(*names), heard, lambda _short: True)
            assert not [pid for pid in heard.pids() if alive(pid)]
        assert (sorted(heard.of("Settled")), sorted(heard.of("Settled")[:3])) == (list("abcde"), list("abc"))
        pool.stop()
        pool.run(line("f"), heard, lambda _short: True)
        assert len(heard.of("TrialStarted")) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_is_never_asked_for_two_models_at_once(kind: str, tmp_path: Path) -> None:
    """A free worker waits where the next model's server is busy with another, and is used again once it is not."""
    heard = Heard()
    with starting(kind, tmp_path / "log") as start:
        Pool(start, 3).run(line("a", "b", "c", "d", lane="one"), heard, lambda _short: True)
    events = [(each.event, each.trial) for each in heard.lines]
    assert events == [(event, name) for name in "abcd" for event in ("TrialStarted", "Settled")]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_stop_is_heard_and_the_second_kills(kind: str, tmp_path: Path) -> None:
    """SIGTERM reaches a worker however young it is; a second stop waits for nobody; nothing new is given out."""
    with starting(kind, tmp_path / "log") as start:
        pool = Pool(start, 1)
        first = Heard(lambda said: pool.stop() if said.event == "TrialStarted" else None)
        pool.run(line("wait", "a"), first, lambda _short: True)
        assert first.of("Interrupted") == ["wait"]
        assert not first.of("Died")
        assert not first.of("Settled")
        pool = Pool(start, 1)
        second = Heard(lambda said: [pool.stop() for _ in range(2)] if said.event == "TrialStarted" else None)
        pool.run(line("wait"), second, lambda _short: True)
        assert [each.text for each in second.lines if each.event == "Died"] in ([f"the worker process ended with {-signal.SIGKILL}"], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_is_gone_is_asked_no_more(kind: str, tmp_path: Path) -> None:
    """What waits for it is given out to nobody, the worker goes on with other models, and the server is free for them."""
    places = [Place("gone-1", "away", "one"), Place("a", "away", "one"), Place("b", "here", "one"), Place("c", "away", "one"), Place("d", "none")]
    heard = Heard()
    with starting(kind, tmp_path / "log") as start:
        Pool(start, 1).run(Lineup(places), heard, lambda _short: True)
    assert (heard.of("ModelGone"), heard.of("Settled"), heard.of("Died")) == (["gone-1"], ["b", "d"], [])
    assert len(heard.pids()) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_drained_pool_ends_what_it_has(kind: str, tmp_path: Path) -> None:
    """At a limit of the run the trial in hand goes on to its end and no other begins."""
    with starting(kind, tmp_path / "log") as start:
        pool = Pool(start, 1)
        heard = Heard(lambda said: pool.drain() if said.event == "TrialStarted" else None)
        pool.run(line("a", "b"), heard, lambda _short: True)
    assert heard.of("Settled") == ["a"]


def test_a_dead_nursery_is_replaced(tmp_path: Path) -> None:
    """Its workers see that it is gone and end; their trials are given out again, by a new one."""
    killed: list[int] = []

    def kill(said: Line) -> None:
        if said.trial == "wait" and not killed:
            killed.append(int(said.text.split()[1]))
            os.kill(killed[0], signal.SIGKILL)

    heard = Heard(kill)
    with starting("nursery", tmp_path / "log") as start:
        Pool(start, 1).run(line("wait", "a"), heard, lambda _short: False)
    assert heard.of("Died") == ["wait"]
    assert heard.of("Settled") == ["a"]


def test_workers_are_forks_of_one_process(tmp_path: Path) -> None:
    """All have the same parent, which is not us, and it ends with the pool."""
    heard = Heard()
    with starting("nursery", tmp_path / "log") as start:
        Pool(start, 3).run(line(*"abcdef"), heard, lambda _short: True)
    (parent,) = {int(each.text.split()[1]) for each in heard.lines if each.event == "TrialStarted"}
    assert parent != os.getpid()
    assert not alive(parent)


def test_giving_a_trial_to_a_dead_worker_is_no_fault(tmp_path: Path) -> None:
    """A worker killed between two trials takes the next one without a word; the end of its output tells."""
    with (tmp_path / "log").open("ab") as log:
        worker = Interpreters((sys.executable, "-c", ""), log.fileno())()
    assert worker.process.wait() == 0
    worker.give("t0001")
    assert worker.trial == "t0001"
    assert worker.lines() is None
    assert worker.gone() == 0


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
