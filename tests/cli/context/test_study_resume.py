"""What a study takes for its replays when it goes on: the newest probe of its run that can."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from rich.console import Console

from harness.cli.context.study_plan import StudyPlan
from harness.cli.context.study_record import Record, probe_folder, replays_of
from harness.cli.context.study_running import _asked
from harness.cli.resume import Voice
from harness.core.probe import Probe
from harness.settings import read as settings
from harness.store.sqlite import create
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


def test_a_probe_that_was_never_born_tells_no_result(inside: Inside) -> None:
    """Nothing of it is pending, for it can't go on: the sentence says so, and so does resume."""
    home = settings().home / "runs"
    made = msgspec.json.encode(Probe("20260101-000000-aaaa", ("full", "fresh"), 4, 6, ())).decode()
    create(home / "20260102-000000-bbbb", (), {"run": "20260102-000000-bbbb", "plan": PLAN, PROBE: made, FORK: UNBORN}).close()
    code, _, err = inside("probe", "20260102-000000-bbbb", "--result")
    assert (code, "Traceback" in err) == (2, False)
    assert "ended before its past was copied and can't go on" in err
