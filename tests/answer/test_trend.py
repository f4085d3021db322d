"""Nights in a row: in order, each against one reference, with every look counted and whatever can't be read told in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from harness.answer.night.gate import Tonight
from harness.answer.night.trend import Entry, trend
from harness.answer.pages.page_courses import said
from harness.metrics.row import Row
from harness.plan import FRESH
from harness.report.document import document
from harness.report.overview import About, overview
from harness.store.sqlite import RunStore
from tests.answer.conftest import Command
from tests.answer.laid import FACTS, MODEL, a_night, drawn, lay, suite
from tests.report.runs import HOSTILE

BASE = suite(20, "ppp", task_03="pfp", task_05="fff")
FELL = BASE | {f"task-{number:02d}": "fff" for number in (8, 9, 10, 11, 12)}


def entry(day: int, rows: tuple[Row, ...], **fields: str) -> Entry:
    night = Tonight(f"2026010{day}-200000-aaaa", "nightly", f"2026-01-0{day}T20:00:00+0000", 7, rows)
    return Entry(msgspec.structs.replace(night, **fields), f"/runs/{day}")


def test_nights_are_in_the_order_they_began() -> None:
    """By instant, also where one clock stood in another zone."""
    rows = a_night(BASE)
    found = trend([entry(2, rows), entry(3, rows, created="2026-01-02T01:00:00+0200"), entry(1, rows)], None, 0.10)
    assert [night.run[:8] for night in found.nights] == ["20260101", "20260103", "20260102"]


def test_each_side_is_judged_against_its_first_night() -> None:
    """The reference has no word; a side that comes later has its own reference; one that fell is red on that night alone."""
    late = a_night(BASE, model="ollama/late")
    found = trend([entry(1, a_night(BASE)), entry(2, a_night(FELL) + late), entry(3, a_night(BASE) + late)], None, 0.10)
    words = {line.who.model: [(point.night, point.word) for point in line.points] for line in found.lines}
    assert words == {"ollama/late": [(1, ""), (2, "ok")], MODEL: [(0, ""), (1, "regressed"), (2, "ok")]}
    assert [night.reference for night in found.nights] == [True, False, False]
    assert found.looks == 3


def test_a_broken_night_is_no_reference() -> None:
    """What everything is judged against is the first night that can be judged."""
    found = trend([entry(1, a_night(suite(20, "ppb"))), entry(2, a_night(BASE)), entry(3, a_night(BASE))], None, 0.10)
    assert [(point.word, point.judged) for point in found.lines[0].points] == [("", False), ("", True), ("ok", True)]
    assert [night.reference for night in found.nights] == [False, True, False]


def test_a_night_that_is_not_done_is_no_reference_and_has_no_word() -> None:
    """One that stopped after two tasks would leave all others without enough to compare."""
    short = a_night(suite(20, "...") | {"task-00": "ppp", "task-01": "ppp"})
    found = trend([entry(1, short), entry(2, a_night(BASE)), entry(3, a_night(BASE)), entry(4, a_night(BASE | dict.fromkeys(("task-08", "task-09"), "...")))], None, 0.10)
    assert [point.word for point in found.lines[0].points] == ["", "", "ok", "undecided"]


def test_every_look_raises_the_bar() -> None:
    """The same drop that is red among two nights is not among twenty: p is adjusted for all looks, controls not among them."""
    slight = BASE | {"task-08": "fff", "task-09": "fff"}
    few = trend([entry(1, a_night(BASE)), entry(2, a_night(slight))], None, 0.05)
    nights = [entry(1, a_night(BASE)), entry(2, a_night(slight))]
    nights += [Entry(Tonight(f"x{number}", "", f"2026-02-{number:02d}T20:00:00+0000", 7, a_night(BASE) + a_night(suite(20, "p"), variant=FRESH)), "") for number in range(1, 27)]
    many = trend(nights, None, 0.05)
    first, later = few.lines[0].points[1], many.lines[0].points[1]
    assert first.change == later.change
    assert first.p_holm is not None
    assert later.p_holm == pytest.approx(min(1.0, 27 * first.p_holm))
    assert (first.word, later.word) == ("regressed", "ok")
    assert (few.looks, many.looks) == (1, 27)


def test_nights_alike_stay_green() -> None:
    """Of sixty rows of six nights in which nothing changed, at least 95 in 100 have no word but ok."""
    rates = [0.0] * 4 + [1.0] * 6 + [0.2, 0.4, 0.5, 0.6, 0.8, 0.9]
    quiet = 0
    for sample in range(60):
        nights = [entry(day, a_night(drawn(rates, 3, 100 * sample + day))) for day in range(1, 7)]
        quiet += all(point.word in ("", "ok") for point in trend(nights, None, 0.10).lines[0].points)
    assert quiet >= 57


def test_what_changed_is_marked_where_it_did() -> None:
    """By name on the night of the change; the words go on against the same reference."""
    other = msgspec.structs.replace(FACTS, digest="sha256:bbbb", server_version="0.10")
    found = trend([entry(1, a_night(BASE)), entry(2, a_night(BASE, facts=other)), entry(3, a_night(BASE, facts=other))], None, 0.10)
    assert [[each.name for each in point.changed] for point in found.lines[0].points] == [[], ["model", "server"], []]


def test_the_control_is_a_line_of_its_own() -> None:
    """After what it controls, without a part in the looks; and it may take a word."""
    steady = suite(40, "pppppp")
    fell = steady | {f"task-{number:02d}": "ffffff" for number in range(8)}
    found = trend([entry(1, a_night(steady) + a_night(steady, variant=FRESH)), entry(2, a_night(fell) + a_night(steady, variant=FRESH))], None, 0.10)
    assert [(line.who.variant, line.control) for line in found.lines] == [("", False), (FRESH, True)]
    assert found.lines[0].points[1].word == "undecided"
    assert "the control contradicts" in found.lines[0].points[1].reasons[0]
    assert found.looks == 1


def test_tasks_that_turn_are_told_by_night() -> None:
    """Both outcomes under one digest, also where each night has but one; another digest is another task."""
    changed = tuple(msgspec.structs.replace(row, digests=msgspec.structs.replace(row.digests, task="sha256:new")) if row.task == "task-01" else row for row in a_night(BASE | {"task-01": "fff"}))
    found = trend([entry(1, a_night(BASE)), entry(2, changed), entry(3, a_night(BASE | {"task-02": "fff"}))], None, 0.10)
    assert {each.task: each.marks for each in found.turning} == {"task-02": ((3, 3), (3, 3), (0, 3)), "task-03": ((2, 3), (2, 3), (2, 3))}


def three(home: Path) -> None:
    lay(home, "20260101-200000-aaaa", a_night(BASE) + a_night(suite(20, "p"), variant=FRESH), created="2026-01-01T20:00:00+0000")
    lay(home, "20260102-200000-bbbb", a_night(FELL), created="2026-01-02T20:00:00+0000")
    lay(home, "20260103-200000-cccc", a_night(BASE), created="2026-01-03T20:00:00+0000", name="other")


def test_the_command_reads_runs_of_its_home(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """Without DIR the home's; against the first night or a baseline; by name; as one versioned object or a table of any width."""
    three(home)
    told = longhaul("trend", "--json").json
    assert told["schema"] == "longhaul.trend/1"
    assert [night["run"][:8] for night in told["nights"]] == ["20260101", "20260102", "20260103"]
    assert [point["word"] for point in told["lines"][0]["points"]] == ["", "regressed", "ok"]
    assert len(longhaul("trend", home, "--name", "nightly", "--json").json["nights"]) == 2
    longhaul("baseline", "20260103", "--to", tmp_path / "b.json")
    against = longhaul("trend", "--baseline", tmp_path / "b.json", "--json").json
    assert [point["word"] for point in against["lines"][0]["points"]] == ["ok", "regressed", ""]
    table = longhaul("trend").out
    assert "2026-01-02  20260102-200000-bbbb  regressed  75.0 %" in " ".join(table.split(" ")).replace("   ", "  ") or "regressed" in table
    assert "2 looks" in table


def test_nights_are_chosen_by_a_pattern_over_both_names(home: Path, longhaul: Command) -> None:
    """Of the run, or of the plan where --run gave the run its own; which is said, and a name that nobody has is answered with those there are."""
    three(home)
    night = RunStore(home / "runs" / "20260102-200000-bbbb")
    night.keep("name", "night-2")
    night.close()
    told = longhaul("trend", "--name", "night*", "--json").json
    assert [(night["run"][:8], night["name"]) for night in told["nights"]] == [("20260101", "nightly"), ("20260102", "night-2")]
    assert told["told"] == ["--name night*: 2 by the run's name, 0 by the plan's, 1 left out"]
    assert "--name nightly: 1 by the run's name, 1 by the plan's, 1 left out" in longhaul("trend", "--name", "nightly").out
    refused = longhaul("trend", "--name", "week-*")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "--name: found 'week-*'" in refused.err
    assert "night-2" in refused.err


def test_the_reference_is_named_for_a_side_that_begins_later(home: Path, longhaul: Command) -> None:
    """In text and on the page; a night before the first sound one is none, and no shared night is named in the title."""
    lay(home, "20260101-200000-aaaa", a_night(BASE))
    late, undone = a_night(BASE, model="ollama/late"), a_night(suite(20, "..."), model="ollama/late")
    lay(home, "20260102-200000-bbbb", a_night(BASE) + undone[:-1] + late[-1:], created="2026-01-02T20:00:00+0000")
    lay(home, "20260103-200000-cccc", a_night(BASE) + late, created="2026-01-03T20:00:00+0000")
    told = longhaul("trend", "--json").json
    references = {line["who"]["model"]: [point["night"] for point in line["points"] if point["reference"]] for line in told["lines"]}
    assert references == {"ollama/late": [2], MODEL: [0]}
    assert told["against"] == "each side's first sound night"
    assert longhaul("trend").out.count(" reference ") == 2
    page = trend([entry(1, undone[:-1] + late[-1:]), entry(2, late)], None, 0.10)
    assert [said(point) for point in page.lines[0].points] == ["no word of its own", "reference"]


def test_reports_in_json_are_nights_too(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """As artifacts of CI leave them, in a folder each; the same figures as from the record, and one run counts once."""
    three(home)
    kept = tmp_path / "artifacts"
    for run in ("20260101", "20260102", "20260103"):
        (kept / run).mkdir(parents=True)
        (kept / run / "report.json").write_text(longhaul("report", run, "--json").out)
        (kept / run / "other.json").write_text('{"schema": "longhaul.gate/1"}')
    (kept / "list.json").write_text("[1, 2]")
    from_files, from_runs = longhaul("trend", kept, "--json").json, longhaul("trend", "--json").json
    for told in (from_files, from_runs):
        for night in told["nights"]:
            night.pop("place")
    assert from_files == from_runs
    shutil.copytree(home / "runs" / "20260101-200000-aaaa", kept / "20260101-200000-aaaa")
    twice = longhaul("trend", kept, "--json").json
    assert len(twice["nights"]) == 3
    assert "once more" in twice["told"][0]


def test_damage_is_one_line_each(home: Path, longhaul: Command) -> None:
    """A record cut short, reports of another format, with NaN, redacted, without a time, of no JSON: the other nights are told all the same."""
    three(home)
    runs = home / "runs"
    record = runs / "20260102-200000-bbbb" / "run.sqlite"
    record.write_bytes(record.read_bytes()[:5000])
    whole = document(overview(About("r1", "n", "2026-01-04T20:00:00+0000", plan="{}"), a_night(BASE))).decode()
    bad = {
        "older": whole.replace("longhaul.report/2", "longhaul.report/1"), "nan": whole.replace('"tries": 1,', '"tries": NaN,', 1), "redacted": whole.replace('"run": "r1"', '"run": ""', 1),
        "timeless": whole.replace("2026-01-04T20:00:00+0000", "one evening", 1), "text": "not JSON", "typed": whole.replace('"tries": 1,', '"tries": "1",', 1), "empty": "",
        "limits": whole.replace('\\"turns\\":150', "nonsense"), "outcome": whole.replace('"outcome": "passed"', '"outcome": "great"'),
    }  # fmt: skip
    for name, text in bad.items():
        (runs / f"{name}.json").write_text(text)
    said = longhaul("trend", "--json")
    assert said.code == 0
    assert [night["run"][:8] for night in said.json["nights"]] == ["20260101", "20260103"]
    assert {Path(each["place"]).stem for each in said.json["damaged"]} == {*bad, "20260102-200000-bbbb"}
    assert all("\n" not in each["why"] and each["why"] for each in said.json["damaged"])
    assert longhaul("trend").out.count("not read: ") == len(bad) + 1


@pytest.mark.parametrize(("words", "told"), [(("nowhere",), "no such folder"), ((".",), "no night"), ((".", "--max-drop", "2"), "a rate between 0 and 1")])
def test_no_folder_and_no_night_are_bad_words(words: tuple[str, ...], told: str, longhaul: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, exit 2."""
    monkeypatch.chdir(tmp_path)
    said = longhaul("trend", *words)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert told in said.err


def test_the_page_links_what_lies_beside_a_run(home: Path, longhaul: Command, tmp_path: Path) -> None:
    """A run's own page, where `report --open` left one, is linked from where the trend's page stands."""
    three(home)
    (home / "runs" / "20260101-200000-aaaa" / "report.html").write_text("<p>")
    said = longhaul("trend", "--html", tmp_path / "out" / "trend.html")
    assert said.code == 0
    page = (tmp_path / "out" / "trend.html").read_text()
    assert "../home/runs/20260101-200000-aaaa/report.html" in page
    assert "20260102-200000-bbbb/report.html" not in page


def test_hostile_names_and_narrow_terminals(home: Path, longhaul: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """No control character of a model or a task reaches the terminal, and what is printed as JSON is JSON."""
    name = HOSTILE.replace("\ud800", "").replace("\x00", "")
    lay(home, "20260101-200000-aaaa", a_night(suite(20) | {name: "ppp"}, model=f"ollama/{name}"))
    lay(home, "20260102-200000-bbbb", a_night(suite(20) | {name: "fff"}, model=f"ollama/{name}"), created="2026-01-02T20:00:00+0000")
    monkeypatch.setenv("COLUMNS", "80")
    said = longhaul("trend")
    assert "\x1b" not in said.out
    assert json.dumps(longhaul("trend", "--json").json)
