"""`longhaul rejudge`: what today's judge says otherwise is told with who said what; what was said first stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.cli.record.runs import remember
from harness.core.agent import Stop
from harness.core.blob import Blob
from harness.core.events import (
    AgentStopped,
    Digests,
    Entry,
    Event,
    GradeRan,
    PatchTaken,
    SandboxOpened,
    TreeSeen,
    TrialStarted,
)
from harness.core.machine import Confinement, SandboxFacts
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, SolveScript, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.metrics.row import Row, row
from harness.plan import Plan
from harness.report.judgement import judged
from harness.store.sqlite import RunStore, create
from tests.end_to_end.tiny import write_task

Inside = Callable[..., tuple[int, str, str]]
RUN = "20260101-000000-abcd"
KEYS = tuple(TrialKey(RUN, "tiny", "oracle", "none", "", attempt) for attempt in (1, 2, 3, 4))
TASK = TaskSpec(
    "tiny", "sha256:then", Brief((Request("r", "x"),)), Place(ImageTag("none")), TestIds("true", "junit", ("t::new",), ("t::old",)), Provenance("test"),
    solution=SolveScript(()),
)  # fmt: skip
OLD = "0.0.9 sha256:old"


def trace(*passed: str) -> tuple[Entry, ...]:
    """A trial in whose report these tests passed and the others failed."""
    proof = Confinement("full", 1000, "0", True, 2, 0, (), "none", False, (), ())
    results = tuple(TestResult(name, "passed" if name in passed else "failed") for name in ("t::new", "t::old"))
    events: tuple[Event, ...] = (
        TrialStarted(KEYS[0], 1, None, None, Digests("", "", "", ""), "{}", "host"),
        SandboxOpened("agent", SandboxFacts("c", "sha256:i", "", "1", "/bin/sh", proof, 1.0, 1, 1)), TreeSeen("t", "e", "", "start", 0, 0, 0),
        AgentStopped(Stop.ANSWERED), PatchTaken("b", (), ("a",), (), (), (), Blob("", 0)),
        GradeRan("apply", "fresh", ok=True, exit_code=0, ended=None, seconds=0.0),
        GradeRan("read", "fresh", ok=True, exit_code=0, ended=None, seconds=0.0, results=results),
    )  # fmt: skip
    return tuple(Entry(number, float(number), event) for number, event in enumerate(events, 1))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """Four trials: judged the same, otherwise, never, and one that is not settled."""
    made = create(tmp_path / "home" / "runs" / RUN, KEYS, {"run": RUN, "plan": msgspec.json.encode(Plan(("bundled",))).decode()})
    remember(made, (TASK,))
    for key, short in zip(KEYS, made.keys(), strict=True):
        pen = made.begin(key)
        entries = trace("t::new", "t::old")
        for entry in entries:
            pen(entry)
        told = row(short, key, TASK, entries)
        other = msgspec.structs.replace(told, outcome="failed", reason="wrong", f2p=(0, 1), evidence=("t::new: skipped",))
        kept = {"t0001": told, "t0002": other}.get(short)
        if short != "t0004":
            made.settle(key, pen, msgspec.json.encode(kept) if kept else b"", OLD if kept else "")
    return made


def test_what_changed_is_told_with_why(inside: Inside, store: RunStore) -> None:
    """Who said what then and now, field by field, and which evidence is gone; a change is news, not a fault."""
    code, out, err = inside("rejudge", "last")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("3 settled trials judged by ")
    assert lines[0].endswith(": 1 changed, 1 the same, 1 never judged before")
    assert lines[1:] == [
        f"t0002 tiny oracle, first judged by {OLD}", "  outcome: failed -> passed", "  reason: wrong -> solved", "  f2p: [0,1] -> [1,1]",
        "  no longer said: t::new: skipped", "t0003: no earlier row is kept",
    ]  # fmt: skip


def test_the_first_word_stays_and_todays_is_kept(inside: Inside, store: RunStore) -> None:
    """Every report reads today's rows; asked again, the change is told again, against what was said first."""
    told = json.loads(inside("rejudge", "last", "--json")[1])
    assert (told["schema"], told["not_kept"]) == ("longhaul.rejudge/1", "")
    assert [trial["said"] for trial in told["trials"]] == ["same", "changed", "first"]
    assert told["trials"][1]["changes"][0] == {"field": "outcome", "before": "failed", "now": "passed"}
    kept = {short: msgspec.json.decode(data, type=Row).outcome for short, data in store.kept_rows(told["judge"]).items()}
    assert kept == {"t0001": "passed", "t0002": "passed", "t0003": "passed"}
    again = json.loads(inside("rejudge", "last", "--json")[1])
    assert [trial["said"] for trial in again["trials"]] == ["same", "changed", "same"]
    assert again["trials"][1]["before"] == OLD


def test_a_corrected_task_judges_without_a_run(inside: Inside, store: RunStore, tmp_path: Path) -> None:
    """The lists of tests as they are now decide; nothing of it is kept, since the run was on other tasks."""
    ids = json.dumps({"fail_to_pass": ["t::new", "t::missing"], "pass_to_pass": []})
    write_task(tmp_path / "tasks", ids=ids)
    code, out, _ = inside("rejudge", "last", "-t", f"harbor:{tmp_path / 'tasks'}")
    assert code == 0
    assert "t0001 tiny oracle" in out
    assert "  outcome: passed -> failed\n" in out
    assert "  said now: t::missing: not reported\n" in out
    assert store.first_rows()["t0001"][0] == OLD
    assert len(store.first_rows()) == 2
    code, _, err = inside("rejudge", "last", "-t", "bundled#weather-spread")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "a task of this run: tiny" in err


def test_an_unreadable_row_is_no_verdict() -> None:
    """A row that is no JSON, or another version's, is said to be so and is compared as far as it goes."""
    told = row("t0001", KEYS[0], TASK, trace("t::old"))
    for data in (b"", b"\xff", b"[1]", b'"x"'):
        assert judged(told, (OLD, data), "new").note == f"the row that {OLD} kept can't be read"
    older = msgspec.json.encode({"outcome": "failed", "unknown": 1})
    changed = judged(told, (OLD, older), "new")
    assert {change.field for change in changed.changes} >= {"reason", "f2p"}
    assert judged(told, (OLD, msgspec.json.encode(told)), "new").said == "same"
    damaged = judged(told, ("new", older), "new")
    assert damaged.note == "the same judge said it: the kept row or the trace is not what it was"


def test_a_run_without_a_verdict_is_told_as_such(inside: Inside, tmp_path: Path) -> None:
    """Nothing settled, nothing judged; an unknown run is one sentence."""
    create(tmp_path / "home" / "runs" / RUN, KEYS, {"run": RUN, "plan": msgspec.json.encode(Plan(("bundled",))).decode()}).close()
    assert inside("rejudge", "last")[1].startswith("0 settled trials judged by")
    code, out, err = inside("rejudge", "nope")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
