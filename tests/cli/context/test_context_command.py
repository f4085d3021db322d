"""`longhaul context` as a user has it: a real run by a model that forgets a rule, its figures, one trial's lanes, the page; read once."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest
from playwright.sync_api import sync_playwright

from harness.cli.main import main
from harness.cli.record.runs import remember, remembered
from harness.core.probe import Place, Point, Probe
from harness.core.trial import Parent, TrialKey
from harness.engine.moment import entries_at
from harness.plan import Plan
from harness.settings import read
from harness.store.accounts import KeptAccounts, Named
from harness.store.sqlite import RunStore, create
from harness.wiring.digests import of_harness
from harness.wiring.forking import Origin, planted
from harness.wiring.replays import PROBE
from tests.answer.probe.ground import Ground
from tests.answer.probe.laid_probe import settle

RUN = "parent"
Inside: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, base_image: object) -> Ground:
    return Ground(tmp_path_factory.mktemp("context"))


@pytest.fixture(scope="module")
def told(ground: Ground) -> dict[str, Any]:
    done = ground.do("context", RUN, "--json", "--all")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def inside(ground: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Inside:
    """The command in this process, over the ground's home or another; a process of its own takes two seconds to begin."""

    def call(*words: str, home: Path = ground.folder, columns: str = "200") -> tuple[int, str, str]:
        for name, value in (("LONGHAUL_HOME", str(home)), ("COLUMNS", columns), ("NO_COLOR", "1")):
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = capsys.readouterr()
        return int(str(ended.value.code)), out, err

    return call


@pytest.fixture
def forgotten(ground: Ground, told: dict[str, Any], tmp_path: Path) -> Path:
    """A copy of the home whose traces are gone, as if nobody could read them any more."""
    shutil.copytree(ground.folder, tmp_path / "home")
    store = tmp_path / "home" / "runs" / ground.parent.name / "run.sqlite"
    with closing(sqlite3.connect(store)) as database:
        database.execute("UPDATE events SET event = x'00'")
        database.commit()
    return tmp_path / "home"


def test_the_rule_that_was_far_back_is_lost(told: dict[str, Any]) -> None:
    """Every opportunity is there, the late ones are violated in sight of the rule, and what was lost is a candidate under its floors."""
    (group,) = told["groups"]
    (account,) = told["accounts"]
    chances = account["chances"]
    assert told["schema"] == "longhaul.context/1"
    assert group["opportunities"] == len(chances) == 7
    assert group["violated"]["hits"] == sum(not chance[6] for chance in chances) > 0
    assert group["losses"]["candidate"] == group["losses"]["roots"] >= 1
    assert group["losses"]["rate"]["rate"] is None
    assert "task, 10 needed" in group["losses"]["rate"]["lacking"]
    assert group["cut"] == {"turns": 0, "of_turns": group["turns"], "trials": 0, "of_trials": 1, "tokens": 0, "declared": 0}


@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_text_says_the_same_at_any_width(inside: Inside, told: dict[str, Any], columns: str) -> None:
    """Counts of the JSON stand in it, whatever the width."""
    code, out, _ = inside("context", RUN, columns=columns)
    (group,) = told["groups"]
    losses = group["losses"]
    words = " ".join(out.split())
    assert code == 0
    assert f"context lost: {losses['roots']} " in words
    assert f"{losses['candidate']} candidate, 0 confirmed" in words


@pytest.mark.parametrize("columns", ["80", "200"])
def test_a_kind_is_listed_without_the_figures(inside: Inside, told: dict[str, Any], columns: str) -> None:
    """Only its findings, with what they must be read with and where to go on; the JSON has the same ones whole."""
    code, out, err = inside("context", RUN, "--kind", "c", columns=columns)
    (account,) = told["accounts"]
    found = [each for each in account["findings"] if each["kind"].startswith("C")]
    assert code == 0, err
    assert out.splitlines()[0] == f"context of {told['run']}: {len(found)} finding{'s' * (len(found) != 1)} of C"
    assert "context lost" not in out
    assert "note: detectors:" in out
    assert f"longhaul context {told['run']} t0001" in out
    assert all(f"{each['distance']:,}" in out for each in found)
    assert json.loads(inside("context", RUN, "--kind", "C", "--json")[1])["findings"] == [{"trial": "t0001", **each} for each in found]


def test_a_second_look_reads_no_trace(inside: Inside, forgotten: Path, told: dict[str, Any]) -> None:
    """With every event destroyed the figures are the same; told to read anew, it says what is damaged."""
    code, out, err = inside("context", RUN, "--json", "--all", home=forgotten)
    assert code == 0, err
    assert json.loads(out) == told
    code, _, err = inside("context", RUN, "--anew", home=forgotten)
    assert (code, "can't be read" in err) == (2, True)


def test_a_kept_account_that_can_not_be_read_is_made_anew(inside: Inside, ground: Ground, told: dict[str, Any], tmp_path: Path) -> None:
    """Bytes that are no UTF-8 behind a good name and digest are no account: the trace is read, and what is told is the same."""
    shutil.copytree(ground.folder, tmp_path / "home")
    run = tmp_path / "home" / "runs" / ground.parent.name
    (kept,) = (run / "context").glob("*")
    KeptAccounts(run).keep(msgspec.json.decode(kept.read_bytes().partition(b"\n")[0], type=Named), b'{"account":null,"why":"\xff"}')
    damaged = kept.read_bytes()
    code, out, err = inside("context", RUN, "--json", "--all", home=tmp_path / "home")
    assert (code, json.loads(out)) == (0, told), err
    assert kept.read_bytes() != damaged


def test_one_trial_has_lanes_evidence_and_sights(inside: Inside, told: dict[str, Any]) -> None:
    """Its item's lane shows each opportunity; each finding has its entries; at a turn it says how far back the rule stood."""
    code, out, err = inside("context", RUN, "t0001")
    assert code == 0, err
    lane = next(line for line in out.splitlines() if line.startswith("suffix"))
    assert "".join("✓" if chance[6] else "✗" for chance in told["accounts"][0]["chances"]) in lane
    assert "longhaul show" in out
    violated = next(chance for chance in told["accounts"][0]["chances"] if not chance[6])
    sights = json.loads(inside("context", RUN, "t0001", "--turn", str(violated[1]), "--json")[1])
    suffix = next(sight for sight in sights["sights"] if sight["item"] == "suffix")
    assert f"{suffix['distance']:,}" in inside("context", RUN, "t0001", "--turn", str(violated[1]))[1].split("suffix", 1)[1].split("\n")[0]
    assert (suffix["visible"], suffix["distance"], suffix["holds"]) == (True, violated[10], True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--kind", "Z"), "--kind"), (("--model", "nobody"), "--model"), (("t0009",), "TRIAL"), (("t0001", "--turn", "99"), "--turn"), (("--turn", "1"), "TRIAL whose turn"),
        (("t0001", "--kind", "C1"), "expected a whole run"), (("t0001", "--model", "nobody"), "expected a whole run"),
    ],
)  # fmt: skip
def test_a_users_mistake_is_one_sentence(inside: Inside, told: dict[str, Any], words: tuple[str, ...], sentence: str) -> None:
    """Exit 2 and what was expected."""
    code, _, err = inside("context", RUN, *words)
    assert (code, len(err.splitlines())) == (2, 1)
    assert sentence in err


def test_the_page_has_figures_and_lanes_that_lead_to_the_turn(inside: Inside, told: dict[str, Any], tmp_path: Path) -> None:
    """The section says what the text says; a click on a cross opens the story at its turn. At 400 pixels nothing is wider than the page."""
    page_file = tmp_path / "page.html"
    assert inside("report", RUN, "--html", str(page_file))[0] == 0
    violated = next(chance for chance in told["accounts"][0]["chances"] if not chance[6])
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 400, "height": 900})
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(page_file.as_uri())
        assert f"context lost: {told['groups'][0]['losses']['roots']} " in page.locator("#context").inner_text()
        assert page.evaluate("document.documentElement.scrollWidth") <= 400
        page.goto(f"{page_file.as_uri()}#t0001")
        mark = page.locator(f'.lanes a[href="#t0001/turn-{violated[1]}"]').first
        mark.wait_for()
        page.evaluate("link => link.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))", mark.element_handle())
        page.locator(f"#turn-{violated[1]}.current").wait_for()
        assert not faults
        browser.close()


def test_who_was_never_told_is_in_figures_and_page(inside: Inside, told: dict[str, Any], ground: Ground, tmp_path: Path) -> None:
    """Re-rolls of a probe of this run are found wherever it is told of; too few for a rate, they are told with their number."""
    shutil.copytree(ground.folder, tmp_path / "home")
    lay_probe(tmp_path / "home" / "runs", ground.parent.name, turn=5)
    figures = json.loads(inside("context", RUN, "--json", home=tmp_path / "home")[1])["groups"][0]["figures"]
    few = "no-rule, 2 re-rolls over 1 task; 30 over 10 needed of items alike"
    assert (figures["recalled"][0]["guess"], figures["recalled"][0]["guess_lacking"]) == (None, few)
    assert inside("report", RUN, "--html", str(tmp_path / "page.html"), home=tmp_path / "home")[0] == 0
    assert few in (tmp_path / "page.html").read_text("utf-8")
    assert told["groups"][0]["figures"]["recalled"][0]["guess_lacking"] == ""


def lay_probe(runs: Path, parent: str, turn: int) -> None:
    """The record of a probe of the run's one trial at this turn: no-rule rolled twice, honoured once."""
    name = "29990101-000000-cafe"
    with closing(RunStore(runs / parent)) as held:
        (key,) = held.keys().values()
        place = Place("t0001", key.task, key.agent, key.model, "suffix", turn, manner="sleeper")
        point = Point("p001", place, "every", attempts=(1, 2))
        keys = tuple(TrialKey(name, key.task, key.agent, key.model, arm, attempt) for arm in ("full", "no-rule") for attempt in (1, 2))
        plan = msgspec.json.decode(held.meta("plan"), type=Plan)
        meta = {"run": name, "name": f"probe of {parent}", "created": "2999-01-01T00:00:00+0000", "plan": held.meta("plan"), "harness": of_harness(), "host": "nowhere"}
        with closing(create(runs / name, keys, meta)) as store:
            remember(store, tuple(remembered(held, plan, read()).values()))
            fork = planted(held, store, entries_at(held.trace(key), turn - 1), Origin(Parent(held.meta("run"), "t0001", 1, turn - 1, "full"), 1, "", ()))
            pasts = {"p001 full": store.blobs.put(msgspec.json.encode(fork))}
            store.keep(PROBE, msgspec.json.encode(Probe(held.meta("run"), ("full", "no-rule"), 2, 6, (point,), pasts=pasts)).decode())
            for each, came in zip(keys, ("violated", "violated", "honoured", "violated"), strict=True):
                settle(store, each, came)  # type: ignore[arg-type]


def test_a_redacted_page_names_no_item(inside: Inside, told: dict[str, Any], tmp_path: Path) -> None:
    """Figures alone."""
    page_file = tmp_path / "redacted.html"
    assert inside("report", RUN, "--html", str(page_file), "--redact")[0] == 0
    text = page_file.read_text("utf-8")
    assert "context lost:" in text
    assert "suffix" not in text
    assert "t0001.context" not in text
