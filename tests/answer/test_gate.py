"""Tonight against a baseline: word, exit code, departures, controls, flaky tasks and new failures, in every output alike."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest

from harness.answer.night import sheets
from harness.metrics.row import Row
from harness.plan import FRESH
from harness.report.readout import about
from harness.store.sqlite import RunStore, reading
from tests.answer.conftest import Command, Said
from tests.answer.laid import FACTS, MODEL, a_night, lay, suite
from tests.report.runs import HOSTILE
from tests.report.test_junit import SHAPE

A, B = "20260101-200000-aaaa", "20260102-200000-bbbb"
BASE = suite(20, "ppp", task_03="pfp", task_05="fff")
FELL = BASE | {f"task-{number:02d}": "fff" for number in (8, 9, 10, 11, 12)}
OTHER = msgspec.structs.replace(FACTS, digest="sha256:bbbb")


@pytest.fixture
def against(home: Path, longhaul: Command, tmp_path: Path) -> Path:
    """A baseline of one whole night without a control."""
    return a_baseline(home, longhaul, tmp_path, a_night(BASE))


def a_baseline(home: Path, longhaul: Command, tmp_path: Path, rows: tuple[Row, ...]) -> Path:
    lay(home, A, rows)
    path = tmp_path / "nightly.json"
    assert longhaul("baseline", A, "--to", path, "--json").code == 0
    return path


def tonight(home: Path, rows: tuple[Row, ...], seed: int = 7) -> None:
    lay(home, B, rows, created="2026-01-02T20:00:00+0000", seed=seed)


def test_the_words_and_their_codes(home: Path, longhaul: Command, against: Path) -> None:
    """The same night again is ok (0), five of twenty tasks that turned are red (3); the word is the first thing said."""
    tonight(home, a_night(BASE))
    green = longhaul("gate", B, "--baseline", against)
    assert (green.code, green.out.split(":")[0], green.err) == (0, "ok", "")
    lay(home, "20260103-200000-cccc", a_night(FELL))
    red = longhaul("gate", "last", "--baseline", against)
    assert (red.code, red.out.split(":")[0]) == (3, "regressed")
    assert "task-08  3/3" in red.out
    assert "longhaul show 20260103-200000-cccc TRIAL" in red.out


def test_a_hiccup_is_undecided_and_never_red(home: Path, longhaul: Command, against: Path) -> None:
    """A machine that broke a fifth of the trials, or the whole night, is told as such, however much fell."""
    tonight(home, a_night(FELL | {f"task-{number:02d}": "bbb" for number in (13, 14, 15, 16)}))
    assert (said := longhaul("gate", B, "--baseline", against)).code == 4
    assert "broke" in said.out
    lay(home, "20260103-200000-cccc", a_night(suite(20, "b"), facts=OTHER))
    assert longhaul("gate", "last", "--baseline", against, "--accept", "model").code == 4


def test_few_broken_trials_may_leave_the_word_open(home: Path, longhaul: Command, against: Path) -> None:
    """Below 5 % broken and green, but not had those failed: undecided, with what it hangs on."""
    rows = a_night(BASE | {"task-08": "fff", "task-09": "ppp", "task-10": "bbb"})
    tonight(home, rows)
    said = longhaul("gate", B, "--baseline", against, "--max-drop", "0.09", "--json")
    cases = said.json["sides"][0]["changes"]
    assert cases["worst"]["estimate"] < cases["seen"]["estimate"] < 0
    assert (said.code, said.json["word"]) == (4, "undecided")
    assert "at worst" in said.json["sides"][0]["reasons"][0]


def test_a_missing_side_is_named(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """A model of the baseline that nobody ran tonight makes the night undecided; one that is new is told and not judged."""
    path = a_baseline(home, longhaul, tmp_path, a_night(BASE) + a_night(BASE, model="ollama/other"))
    tonight(home, a_night(BASE) + a_night(BASE, model="ollama/new"))
    said = longhaul("gate", B, "--baseline", path)
    assert said.code == 4
    assert "coder x ollama/other is in the baseline and was not run tonight" in said.out
    assert "not in the baseline, so not judged: 1 side (coder x ollama/new)" in said.out


def test_two_sides_share_the_alarm(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """p values are adjusted for the number of sides that have a word."""
    one, two = a_night(BASE), a_night(BASE, model="ollama/other")
    path = a_baseline(home, longhaul, tmp_path, one + two)
    tonight(home, a_night(FELL) + two)
    sides = {side["who"]["model"]: side for side in longhaul("gate", B, "--baseline", path, "--json").json["sides"]}
    fell = sides[MODEL]
    assert fell["p_holm"] == pytest.approx(min(1.0, 2 * fell["changes"]["seen"]["p_worse"]))
    assert (fell["word"], sides["ollama/other"]["word"]) == ("regressed", "ok")


def test_a_departure_is_refused_by_name_or_accepted_on_record(home: Path, longhaul: Command, against: Path, tmp_path: Path) -> None:
    """Another model: exit 2 with the field, then and now; with its name accepted it is judged, and told in JSON, JUnit, summary and record."""
    tonight(home, a_night(BASE, facts=msgspec.structs.replace(OTHER, server_version="0.10")))
    refused = longhaul("gate", B, "--baseline", against, "--junit", tmp_path / "g.xml", "--json")
    assert refused.code == 2
    assert refused.json == {
        "schema": "longhaul.error/1", "file": str(against), "field": "model", "found": "sha256:bbbb and Q4_K_M tonight; server differs, too",
        "expected": "sha256:aaaa and Q4_K_M as in the baseline, or --accept model --accept server",
    }  # fmt: skip
    assert not (tmp_path / "g.xml").exists()
    assert longhaul("gate", B, "--baseline", against, "--accept", "model").code == 2
    words = ("gate", B, "--baseline", against, "--accept", "model", "--accept", "server", "--junit", tmp_path / "g.xml", "--summary", tmp_path / "g.md")
    assert longhaul(*words).code == 0
    told = longhaul(*words, "--json").json
    assert [(each["name"], each["then"], each["now"]) for each in told["accepted"]][1] == ("server", "ollama 0.9", "ollama 0.10")
    assert "accepted: server, then ollama 0.9" in (tmp_path / "g.xml").read_text()
    assert "accepted&#58; server" in (tmp_path / "g.md").read_text()
    store = reading(home / "runs" / B)
    (note,) = store.notes("gate accepted")
    assert json.loads(note)["accepted"][0]["name"] == "model"
    assert about(store).notes == ()
    store.close()


def test_a_record_that_may_not_be_written_costs_no_answer(home: Path, longhaul: Command, against: Path) -> None:
    """Of a run whose store is of a format that this version only reads, the note is lost, which is said, and the word stands."""
    tonight(home, a_night(BASE, facts=OTHER))
    store = RunStore(home / "runs" / B)
    store.keep("format", "1")
    store.close()
    said = longhaul("gate", B, "--baseline", against, "--accept", "model", "--json")
    assert (said.code, said.json["word"]) == (0, "ok")
    assert "could not be kept in the run's record" in said.err


def test_seeds_are_part_of_what_a_night_was_run_with(home: Path, longhaul: Command, against: Path) -> None:
    """Another plan seed is other fixed seeds."""
    tonight(home, a_night(BASE), seed=8)
    assert "seeds: found 8 tonight, expected 7 as in the baseline" in longhaul("gate", B, "--baseline", against).err
    assert longhaul("gate", B, "--baseline", against, "--accept", "seeds").code == 0


def test_changed_tasks_are_left_out_once_accepted(home: Path, longhaul: Command, against: Path) -> None:
    """Nothing of a task that is not what it was can be compared; the others are."""
    rows = a_night(BASE | {"task-00": "fff"})
    tonight(home, tuple(msgspec.structs.replace(row, digests=msgspec.structs.replace(row.digests, task="sha256:new")) if row.task == "task-00" else row for row in rows))
    assert "tasks of task-00: found" in longhaul("gate", B, "--baseline", against).err
    side = longhaul("gate", B, "--baseline", against, "--accept", "tasks", "--json").json["sides"][0]
    assert (side["tasks"], side["left_out"], side["word"]) == (19, ["task-00"], "ok")
    assert side["new_failures"] == []


def test_new_failures_and_flaky_tasks_are_told_apart(home: Path, longhaul: Command, against: Path) -> None:
    """Always passed and now failed is new, with trials and reasons; both outcomes on one night is flaky; always failed is neither."""
    tonight(home, a_night(BASE | {"task-07": "pfd", "task-06": "fff", "task-04": "ppb"}))
    side = longhaul("gate", B, "--baseline", against, "--json").json["sides"][0]
    assert [each["task"] for each in side["new_failures"]] == ["task-06", "task-07"]
    assert [(each["reason"], each["evidence"]) for each in side["new_failures"][1]["trials"]] == [("wrong", "tests/test_task-07.py::test_it: failed"), ("disputed", "tests/test_task-07.py::test_it: failed")]
    assert [each["task"] for each in side["flaky"]] == ["task-03"]


def test_the_control_stands_beside_and_may_contradict(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """Fixed seeds that fell while fresh ones exclude such a drop: undecided in words; a control that fell alone takes the green."""
    steady = suite(40, "pppppp")
    fell = steady | {f"task-{number:02d}": "ffffff" for number in range(8)}
    path = a_baseline(home, longhaul, tmp_path, a_night(steady) + a_night(steady, variant=FRESH))
    tonight(home, a_night(fell) + a_night(steady, variant=FRESH))
    said = longhaul("gate", B, "--baseline", path)
    assert said.code == 4
    assert "the control contradicts" in said.out
    assert "control: ok" in said.out
    lay(home, "20260103-200000-cccc", a_night(steady) + a_night(fell, variant=FRESH))
    assert longhaul("gate", "last", "--baseline", path).code == 4
    lay(home, "20260104-200000-dddd", a_night(fell) + a_night(fell, variant=FRESH))
    assert longhaul("gate", "last", "--baseline", path).code == 3
    lay(home, "20260105-200000-eeee", a_night(steady))
    assert longhaul("gate", "last", "--baseline", path).code == 0


def test_the_control_has_one_name_in_two_rooms() -> None:
    """The answer room can't read a plan, so it has the variant's name itself."""
    assert sheets.FRESH == FRESH


def test_the_baselines_own_run_is_judged_and_told(home: Path, longhaul: Command, against: Path) -> None:
    """A recipe's first night is both; it is ok and says nothing of a change."""
    said = longhaul("gate", A, "--baseline", against)
    assert (home.is_dir(), said.code) == (True, 0)
    assert "this run is part of the baseline" in said.out


def test_strict_takes_the_green_of_a_small_plan(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """Twelve tasks can't exclude ten points: ok says so, and --strict is undecided."""
    few = suite(12, "pf")
    path = a_baseline(home, longhaul, tmp_path, a_night(few))
    tonight(home, a_night(few))
    plain = longhaul("gate", B, "--baseline", path)
    assert plain.code == 0
    assert "is not excluded" in plain.out
    assert longhaul("gate", B, "--baseline", path, "--strict").code == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--max-drop", "10"), "a rate between 0 and 1"), (("--max-drop", "nan"), "a rate between 0 and 1"), (("--max-drop", "0"), "a rate between 0 and 1"),
        (("--max-drop", "much"), "--max-drop"), (("--accept", "modle"), "model, perhaps"), (("--link", "javascript:x"), "https://"),
        (("--junit", "/"), "--junit"),
    ],
)  # fmt: skip
def test_bad_words_are_one_sentence(words: tuple[str, str], told: str, home: Path, longhaul: Command, against: Path) -> None:
    """A drop that is no rate, a name that is none, a link that is none, a folder for a file."""
    tonight(home, a_night(BASE))
    said = longhaul("gate", B, "--baseline", against, *words)
    assert (said.code, said.err.count("\n"), said.out) == (2, 1, "")
    assert told in said.err


def outputs(home: Path, longhaul: Command, tmp_path: Path, path: Path) -> tuple[Said, ET.Element, str]:
    """Terminal, JUnit in the schema's shape, and summary."""
    said = longhaul("gate", "last", "--baseline", path, "--junit", tmp_path / "g.xml", "--summary", tmp_path / "g.md", "--link", "https://ci.example/a b(1)/page.html")
    root = ET.fromstring((tmp_path / "g.xml").read_bytes())
    for element in root.iter():
        children, known, required = SHAPE[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= known
    (suite_,) = root
    assert suite_.attrib["name"] == "gate"
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"), ("tests", "testcase")):
        assert int(suite_.attrib[attribute]) == len(list(suite_.iter(tag)))
    return said, root, (tmp_path / "g.md").read_text()


def test_junit_and_summary_say_the_word(home: Path, longhaul: Command, against: Path, tmp_path: Path) -> None:
    """Red is failures, undecided an error, ok neither; new failures stand with their trials, linked in the summary."""
    tonight(home, a_night(FELL))
    said, root, summary = outputs(home, longhaul, tmp_path, against)
    assert (said.code, root.attrib["failures"], root.attrib["errors"]) == (3, "6", "0")
    case = next(case for case in root.iter("testcase") if case.attrib["name"] == "new failure: task-08")
    assert f"longhaul show {B} t0009" in (case.findtext("system-out") or "")
    assert summary.startswith("## 🔴 gate: regressed")
    assert "[t0009](https://ci.example/a%20b%281%29/page.html#t0009) wrong" in summary
    lay(home, "20260103-200000-cccc", a_night(BASE | {"task-06": "ppf"}))
    _, root, summary = outputs(home, longhaul, tmp_path, against)
    assert (root.attrib["failures"], root.attrib["errors"]) == ("0", "0")
    assert next(root.iter("skipped")).attrib["message"] == "2/3 tonight, 3/3 in the baseline; the night is ok"
    assert summary.startswith("## 🟢 gate: ok")
    lay(home, "20260104-200000-dddd", a_night(suite(20, "b")))
    _, root, summary = outputs(home, longhaul, tmp_path, against)
    assert (root.attrib["failures"], root.attrib["errors"]) == ("0", "1")
    assert summary.startswith("## 🟡 gate: undecided")


def test_hostile_names_are_names(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """A task, a model and a reason that try everything break neither terminal, XML nor Markdown."""
    name = HOSTILE.replace("\ud800", "").replace("\x00", "")
    steady = suite(20) | {name: "ppp"}
    path = a_baseline(home, longhaul, tmp_path, a_night(steady, model=f"ollama/{name}"))
    tonight(home, a_night(steady | {name: "fff"}, model=f"ollama/{name}"))
    said, _, summary = outputs(home, longhaul, tmp_path, path)
    assert "\x1b" not in said.out + summary
    assert "<img" not in summary
    assert "</script>" not in summary
    table = next(line for line in summary.splitlines() if line.startswith("| <code>&#60;&#47;script"))
    assert table.count("|") == 5
