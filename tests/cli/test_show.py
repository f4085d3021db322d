"""`longhaul show`: which try, which turn, where a trial began; what is unknown is answered with the nearest."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.cli.record.runs import remember
from harness.cli.show import legible
from harness.core.chat import Sampling
from harness.core.events import Digests, Entry, Event, ModelAsked, TrialBroke, TrialInterrupted, TrialStarted
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import Parent, TrialKey
from harness.plan import Plan
from harness.store.sqlite import create

Inside = Callable[..., tuple[int, str, str]]
RUN = "20260101-000000-abcd"
KEYS = tuple(TrialKey(RUN, "tiny", "coder", "scripted/x", "", attempt) for attempt in (1, 2, 3))
TASK = TaskSpec("tiny", "sha256:t", Brief((Request("r", "x"),)), Place(ImageTag("none")), TestIds("true", "junit", ("t",), ()), Provenance("test"))


def asked(turn: int) -> ModelAsked:
    return ModelAsked(turn, (), Sampling(), None, 0, "", "")


def began(key: TrialKey, number: int, parent: Parent | None = None) -> TrialStarted:
    return TrialStarted(key, number, parent, None, Digests("", "", "", ""), "{}", "host")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A trial of two tries, of which the second went on from the first; a fork; and one that never began."""
    folder = tmp_path / "home" / "runs" / RUN
    store = create(folder, KEYS, {"run": RUN, "name": "named", "plan": msgspec.json.encode(Plan(("bundled",))).decode()})
    remember(store, (TASK,))
    own, other = Parent(RUN, "t0001", 1, 2, ""), Parent("20250101-000000-ffff", "t0007", 2, 31, "short")
    traces: dict[TrialKey, tuple[Event, ...]] = {
        KEYS[0]: (began(KEYS[0], 1), asked(1), asked(2), TrialInterrupted("first"), began(KEYS[0], 2, own), asked(3), TrialBroke("model", "second", False)),
        KEYS[1]: (began(KEYS[1], 1, other), asked(32), TrialBroke("model", "x", False)),
    }
    for key, events in traces.items():
        pen = store.begin(key)
        for number, event in enumerate(events, 1):
            pen(Entry(number, float(number), event))
    store.close()
    return folder


def test_tries_are_told_apart(inside: Inside, run: Path) -> None:
    """All of them, or the one that was asked for with its own end and verdict."""
    _, every, _ = inside("show", "named", "t1")
    assert "try 1 began" in every
    assert "try 2 began" in every
    assert "broken, model" in every.splitlines()[0]
    assert "try 2 went on from try 1 after turn 2" in every
    _, first, _ = inside("show", "named", "t1", "--try", "1")
    assert "pending, none" in first.splitlines()[0]
    assert "interrupted: first" in first
    assert "try 2" not in first
    told = json.loads(inside("show", "named", "t1", "--try", "2", "--json")[1])
    assert (told["schema"], told["entries"][0]["event"]["number"], told["row"]["origin"]) == ("longhaul.trial/1", 2, "continued")


def test_a_fork_names_its_parent(inside: Inside, run: Path) -> None:
    """Run, trial, try, turn and view."""
    assert "forked from 20250101-000000-ffff t0007, try 2, after turn 31, view short" in inside("show", "named", "t2")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "20260101-000000-abce"), f"a run in {{runs}}: {RUN}"),
        (("show", "named", "t0021"), "expected one of t0002"),
        (("show", "named", "t1", "--turn", "9"), "found 9, expected a turn of t0001: 0 to 3, the nearest is 3"),
        (("show", "named", "t2", "--turn", "5"), "found 5, expected a turn of t0002: 0, 32, the nearest is 0"),
        (("show", "named", "t3", "--turn", "1"), "a trial that began: t0003 has no turn yet"),
        (("show", "named", "t1", "--try", "0"), "found 0, expected a try of t0001: 1 to 2"),
        (("show", "named", "t3", "--try", "1"), "a trial that began: t0003 has no try yet"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest(inside: Inside, run: Path, words: tuple[str, ...], said: str) -> None:
    """One sentence, exit 2."""
    code, out, err = inside(*words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert said.format(runs=run.parent) in err


def test_a_terminal_is_not_moved_by_a_diff() -> None:
    """What a stranger's file would make it do is written out; lines and tabs stay."""
    assert legible(b"+\x1b[2J\tx\xff\r\n\xc2\x9b") == b"+\\x1b[2J\tx\\xff\\x0d\n\\x9b"


@pytest.mark.parametrize("words", [("show", "last", "t0001"), ("report", "last")], ids=str)
def test_a_trial_of_a_task_that_is_gone_is_one_sentence(words: tuple[str, ...], inside: Inside, run: Path) -> None:
    """A record that somebody changed names it."""
    with sqlite3.connect(run / "run.sqlite") as database:
        database.execute("UPDATE trials SET key = replace(key, 'tiny', 'gone') WHERE short = 't0001'")
    database.close()
    code, out, err = inside(*words)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "a trial's task, gone, is not among the run's tasks" in err
