"""No night turns green because trials that might have failed are missing, and what a pooled baseline counts for when everything is drawn anew."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from harness.answer.night.gating import Evidence, decide
from harness.answer.night.judging import thinned
from harness.metrics.row import Row
from harness.metrics.statistics.stratified import changed
from harness.metrics.statistics.tally import Tally
from tests.answer.conftest import Command
from tests.answer.laid import FACTS, a_night, lay, suite

A, B = "20260101-200000-aaaa", "20260102-200000-bbbb"
BASE = suite(20, "ppp", task_03="pfp", task_05="fff")
FIVE = [f"task-{number:02d}" for number in (8, 9, 10, 11, 12)]
REPLACE = msgspec.structs.replace


@pytest.fixture
def against(home: Path, longhaul: Command, tmp_path: Path) -> Path:
    """A baseline of one whole night."""
    lay(home, A, a_night(BASE))
    assert longhaul("baseline", A, "--to", tmp_path / "nightly.json").code == 0
    return tmp_path / "nightly.json"


def tonight(home: Path, rows: tuple[Row, ...], run: str = B) -> None:
    lay(home, run, rows, created="2026-01-02T20:00:00+0000")


@pytest.mark.parametrize(("end", "told"), [("iii", "15 invalid + 0 pending"), ("...", "0 invalid + 15 pending")])
def test_what_never_ended_is_no_green(end: str, told: str, home: Path, longhaul: Command, against: Path) -> None:
    """Tasks that were good and are invalid or wait tonight: undecided, the tasks named, every planned trial accounted for."""
    tonight(home, a_night(BASE | dict.fromkeys(FIVE, end)))
    said = longhaul("gate", B, "--baseline", against, "--json")
    (side,) = said.json["sides"]
    assert (said.code, side["lost"]) == (4, FIVE)
    assert f"planned 60 = 41 passed + 4 failed + 0 broken + {told}" in side["reasons"]
    assert any("task-08, task-09, task-10 and 2 more" in words for words in side["reasons"])


def test_pending_trials_may_be_accepted_and_invalid_ones_not(home: Path, longhaul: Command, against: Path) -> None:
    """A night that a limit ends is judged by what ran once its user says so, which is told; a task that became invalid still stands in the way."""
    tonight(home, a_night(BASE | dict.fromkeys(FIVE, "...")))
    said = longhaul("gate", B, "--baseline", against, "--accept", "pending")
    assert said.code == 0
    assert "accepted although trials are pending" in said.out
    tonight(home, a_night(BASE | dict.fromkeys(FIVE, "iii")), "20260103-200000-cccc")
    assert longhaul("gate", "last", "--baseline", against, "--accept", "pending").code == 4


def test_few_missing_trials_are_weighed_as_failed(home: Path, longhaul: Command, against: Path) -> None:
    """Below 5 % missing the night has a word, unless it hangs on them."""
    tonight(home, a_night(BASE | {"task-08": "fff", "task-09": "ppp", "task-10": "..."}))
    said = longhaul("gate", B, "--baseline", against, "--max-drop", "0.09", "--json")
    assert said.code == 4
    assert "at worst" in said.json["sides"][0]["reasons"][0]
    assert longhaul("gate", B, "--baseline", against, "--max-drop", "0.3").code == 0


def test_a_task_that_became_a_draft_is_gone(home: Path, longhaul: Command, against: Path) -> None:
    """Drafts have no say in a rate, so a task may not leave through that door unseen."""
    tonight(home, tuple(REPLACE(row, draft=row.task in FIVE) for row in a_night(BASE)))
    assert "tasks of task-08, task-09, task-10 and 2 more: found not planned tonight" in longhaul("gate", B, "--baseline", against).err
    said = longhaul("gate", B, "--baseline", against, "--accept", "tasks", "--json")
    assert said.json["sides"][0]["lost"] == FIVE


def test_new_tasks_are_told(home: Path, longhaul: Command, against: Path) -> None:
    """They are not judged, and nobody thinks that they were."""
    tonight(home, a_night(BASE | {"task-77": "fff"}))
    said = longhaul("gate", B, "--baseline", against)
    assert said.code == 0
    assert "without a decided trial in the baseline, so not judged: 1 task of tonight" in said.out


def test_copies_count_as_one_night_where_all_is_drawn_anew(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """Three nights of the same seeds against another server: one night's worth of trials, and said so; against the same server all of them."""
    flaky = suite(20, "pfp")
    for run in (A, "20260101-210000-bbbb", "20260101-220000-cccc"):
        lay(home, run, a_night(flaky))
    pooled = tmp_path / "pooled.json"
    assert longhaul("baseline", A, "20260101-21", "20260101-22", "--to", pooled).code == 0
    tonight(home, a_night(flaky))
    same = longhaul("gate", B, "--baseline", pooled, "--json").json
    tonight(home, a_night(flaky, facts=REPLACE(FACTS, server_version="0.10")), "20260103-200000-cccc")
    other = longhaul("gate", "last", "--baseline", pooled, "--accept", "server", "--json").json
    widths = [each["sides"][0]["changes"]["seen"]["high"] for each in (same, other)]
    assert widths[1] > 1.1 * widths[0]
    assert any("count as one night" in words for words in other["told"])
    assert not any("count as one night" in words for words in same["told"])


def test_a_night_of_many_is_unbiased_and_exact_for_copies() -> None:
    """Copies come back as the one night; else the mean of passes over many tasks is the pooled rate."""
    assert [thinned(Tally(3 * passed, 9), 3, "t").passed for passed in range(4)] == [0, 1, 2, 3]
    drawn = [thinned(Tally(7, 9), 3, f"task-{number}").share for number in range(600)]
    assert sum(drawn) / 600 == pytest.approx(7 / 9, abs=0.02)
    assert thinned(Tally(2, 2), 3, "t") == Tally(1, 1)


def green(copies: int, nights: int) -> float:
    """The share of unchanged nights that are ok against so many copies of one night, all of tonight's draws being new."""
    quiet = 0
    for seed in range(nights):
        chance = random.Random(seed)
        rates = [chance.choice((0.0, 1.0)) if chance.random() < 0.5 else chance.uniform(0.3, 0.7) for _ in range(20)]
        before, now = ([Tally(int(chance.random() < rate), 1) for rate in rates] for _ in range(2))
        held = [thinned(Tally(copies * each.passed, copies), copies, f"task-{number}") for number, each in enumerate(before)]
        found = changed(held, now)
        quiet += decide(Evidence(found, found, found), 0.10).word == "ok"
    return quiet / nights


def test_unchanged_nights_stay_green_against_copies() -> None:
    """Counted five times over, the same night would make one unchanged night in eight red or undecided."""
    assert green(5, 200) >= 0.95


def test_no_output_takes_the_place_of_another_file(home: Path, longhaul: Command, against: Path, tmp_path: Path) -> None:
    """The baseline's own file, or one file for two outputs, under whatever name: exit 2, and nothing is written."""
    before = against.read_bytes()
    (tmp_path / "other.json").symlink_to(against)
    for words in (("--junit", against), ("--summary", tmp_path / "other.json"), ("--junit", tmp_path / "g", "--summary", tmp_path / "." / "g")):
        said = longhaul("gate", A, "--baseline", against, *words)
        assert (said.code, said.err.count("\n")) == (2, 1)
        assert "a file of its own" in said.err
    assert longhaul("trend", "--baseline", against, "--html", against).code == 2
    assert against.read_bytes() == before
    assert not (tmp_path / "g").exists()


def test_names_that_others_chose_begin_no_line(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """A job's log is read for commands at the beginning of a line; a model or a task can't write one there."""
    name = "x\n::error::y"
    lay(home, A, a_night(suite(20) | {name: "ppp"}, model=f"ollama/{name}"))
    assert longhaul("baseline", A, "--to", tmp_path / "b.json").code == 0
    tonight(home, a_night(suite(20) | {name: "pff"}, model=f"ollama/{name}"))
    told = longhaul("gate", B, "--baseline", tmp_path / "b.json").out + longhaul("trend").out + longhaul("baseline", A, "--to", tmp_path / "c.json").out
    assert "::error::y" in told
    assert not [line for line in told.splitlines() if line.lstrip().startswith("::")]


def test_a_rate_that_cannot_fall_so_far_is_told(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """A model that passes one task of twenty can lose all it has and stay above a drop of ten points."""
    lay(home, A, a_night(suite(20, "fff", task_00="ppp")))
    assert longhaul("baseline", A, "--to", tmp_path / "b.json").code == 0
    tonight(home, a_night(suite(20, "fff")))
    said = longhaul("gate", B, "--baseline", tmp_path / "b.json")
    assert said.code == 0
    assert "the baseline's rate is 5.0 %: it can't fall by 10 points" in said.out
    assert "can't fall" not in longhaul("gate", B, "--baseline", tmp_path / "b.json", "--max-drop", "0.04").out
