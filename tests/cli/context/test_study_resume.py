"""What a study takes for its replays when it goes on, whom it shares its store with, and what may not change between its runs."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from harness.answer.study.designs import Leg
from harness.cli.context.study_plan import StudyPlan
from harness.cli.context.study_record import STUDY, Record, changes, probe_folder, replays_of
from harness.cli.context.study_running import _asked, passed
from harness.cli.resume import Voice
from harness.core.errors import PlanError
from harness.core.probe import Probe
from harness.core.trial import TrialKey
from harness.settings import read as settings
from harness.store.sqlite import RunStore, create
from harness.wiring.forking import FORK, UNBORN
from harness.wiring.replays import PROBE

Inside = Callable[..., tuple[int, str, str]]
RECORD = Record("rules", "s1", "rules", "", "", StudyPlan(()), (), (), ())
PLAN = '{"tasks":["staged:S"]}'


def test_a_probe_that_was_never_born_is_passed_over(inside: Inside) -> None:
    """Killed before its past was copied, it can't go on: an earlier one is taken, or none, and another begins."""
    home = settings().home / "runs"
    create(home / "20260101-000000-aaaa", (), {"run": "20260101-000000-aaaa", "plan": PLAN}).close()
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    create(home / "20260102-000000-bbbb", (), {"run": "20260102-000000-bbbb", "name": replays_of(RECORD), "plan": PLAN, PROBE: made, FORK: UNBORN}).close()
    assert probe_folder(RECORD, home / "20260101-000000-aaaa", settings()) is None
    create(home / "20260101-120000-cccc", (), {"run": "20260101-120000-cccc", "name": replays_of(RECORD), "plan": PLAN, PROBE: made, FORK: ""}).close()
    found = probe_folder(RECORD, home / "20260101-000000-aaaa", settings())
    assert found is not None
    assert found.name == "20260101-120000-cccc"
    create(home / "20260103-000000-dddd", (), {"run": "20260103-000000-dddd", "name": "mine", "plan": PLAN, PROBE: made, FORK: ""}).close()
    assert probe_folder(RECORD, home / "20260101-000000-aaaa", settings()) == found, "what a user replays besides was promised by nobody"


def test_replays_that_a_study_begins_bear_its_name(inside: Inside) -> None:
    """The one by which it knows them again; those of another study of the same run bear another."""
    home = settings().home / "runs"
    other = msgspec.structs.replace(RECORD, id="s2")
    asked = _asked(RECORD, home / "20260101-000000-aaaa", Voice(settings(), Console(), "quiet"))
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    create(home / "20260102-000000-bbbb", (), {"run": "20260102-000000-bbbb", "name": asked["name"], "plan": PLAN, PROBE: made, FORK: ""}).close()
    found = [probe_folder(each, home / "20260101-000000-aaaa", settings()) for each in (RECORD, other)]
    assert found == [home / "20260102-000000-bbbb", None]


def test_the_replays_of_a_study_are_part_of_it(inside: Inside) -> None:
    """After a study they are the last run: its verdict is had by them, too, and a probe that a user made of its run is no part."""
    home = settings().home / "runs"
    create(home / "20260101-000000-aaaa", (), {"run": "20260101-000000-aaaa", "plan": PLAN, STUDY: msgspec.json.encode(RECORD).decode()}).close()
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    for run, name in (("20260102-000000-bbbb", "mine"), ("20260103-000000-cccc", replays_of(RECORD))):
        create(home / run, (), {"run": run, "name": name, "plan": PLAN, PROBE: made, FORK: ""}).close()
    code, out, err = inside("study", "rules", "--result", "last")
    assert (code, "study rules, written down" in out) == (0, True), err
    code, _, err = inside("study", "rules", "--result", "20260102")
    assert (code, "no part of a study" in err) == (2, True)


def test_replays_that_are_to_come_are_told(inside: Inside) -> None:
    """Not begun, or not over: how to go on is said, as of trials; once they are over, nothing is."""
    home, record = settings().home / "runs", msgspec.structs.replace(RECORD, legs=(Leg("rules", {}, probed=True),))
    run = create(home / "20260101-000000-aaaa", (), {"run": "20260101-000000-aaaa", "plan": PLAN, "finished": "now", STUDY: msgspec.json.encode(record).decode()})
    run.close()
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    key = TrialKey("20260102-000000-bbbb", "task", "coder", "x/y", "full", 1)
    sentence = "replays of 1 run to go: longhaul study rules --resume 20260101-000000-aaaa"
    assert sentence in inside("study", "rules", "--result", "20260101")[1]
    with closing(create(home / key.run, (key,), {"run": key.run, "name": replays_of(record), "plan": PLAN, PROBE: made, FORK: ""})) as probe:
        assert sentence in inside("study", "rules", "--result", "20260101")[1]
        assert json.loads(inside("study", "rules", "--result", "20260101", "--json")[1])["unreplayed"] == ["rules"]
        probe.settle(key, probe.begin(key))
        probe.keep("finished", "now")
    assert "to go" not in inside("study", "rules", "--result", "20260101")[1]


def test_a_probe_that_was_never_born_tells_no_result(inside: Inside) -> None:
    """Nothing of it is pending, for it can't go on: the sentence says so, and so does resume."""
    home = settings().home / "runs"
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    create(home / "20260102-000000-bbbb", (), {"run": "20260102-000000-bbbb", "plan": PLAN, PROBE: made, FORK: UNBORN}).close()
    code, _, err = inside("probe", "20260102-000000-bbbb", "--result")
    assert (code, "Traceback" in err) == (2, False)
    assert "ended before its past was copied and can't go on" in err


@pytest.mark.parametrize("begun", [False, True])
def test_a_study_waits_for_nobody_between_its_runs(inside: Inside, *, begun: bool) -> None:
    """Where another process is at the store nothing of it is begun or gone on with, and no empty run is left; where nothing is left to do, none is asked."""
    home, record = settings().home, msgspec.structs.replace(RECORD, legs=(Leg("rules", {}),))
    voice = Voice(settings(), Console(), "quiet")
    if begun:
        create(home / "runs/20260101-000000-aaaa", (), {"run": "20260101-000000-aaaa", "plan": PLAN, STUDY: msgspec.json.encode(record).decode()}).close()
    home.mkdir(parents=True, exist_ok=True)
    before = sorted(home.rglob("*"))
    with (home / "lock").open("a+") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(PlanError, match="expected one run at a time"):
            passed(record, voice)
        assert sorted(home.rglob("*")) == sorted([*before, home / "lock"])
        if begun:
            with_end(home / "runs/20260101-000000-aaaa")
            assert passed(record, voice) == 0


def with_end(run: Path) -> None:
    with closing(RunStore(run)) as store:
        store.keep("finished", "2026-01-01T00:00:00+0000")


def test_what_changed_between_two_runs_of_a_study_is_named(inside: Inside) -> None:
    """They are held against one another: another longhaul or model is told, the window that they differ in is not, nor what only one of them knows."""
    then = {"harness": "1 sha256:a", "model x/y: digest": "d", "model x/y: window": "8192", "task one: image": "sha256:i"}
    for number, leg in enumerate(("budget 8192", "budget 16384")):
        word = msgspec.json.encode(msgspec.structs.replace(RECORD, leg=leg)).decode()
        create(settings().home / f"runs/2026010{number}-000000-aaaa", (), {"run": f"2026010{number}-000000-aaaa", "plan": PLAN, STUDY: word, "pins": json.dumps(then)}).close()
    assert changes(RECORD, {**then, "model x/y: window": "32768", "task two: image": "sha256:j"}, settings()) == {}
    assert changes(RECORD, {**then, "model x/y: digest": "e", "harness": "2"}, settings()) == {"harness": ("1 sha256:a", "2"), "model x/y: digest": ("d", "e")}
    assert changes(msgspec.structs.replace(RECORD, id="s2"), {"harness": "2"}, settings()) == {}
