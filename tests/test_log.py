"""The operator's log: one JSON object a line, with run, trial and turn bound, and on stderr where it is asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.chat import Sampling
from harness.core.errors import PlanError
from harness.core.events import Digests, Entry, ModelAsked, ToolCalled, TreeSeen, TrialBroke, TrialStarted
from harness.core.trial import TrialKey
from harness.log import EventLog

KEY = TrialKey("r1", "task", "coder", "m/x", "", 2)
STARTED = TrialStarted(KEY, 1, None, 7, Digests("", "", "", ""), "{}", "host")
EVENTS = (
    STARTED, ModelAsked(3, (), Sampling(), None, 100, "", ""), ToolCalled("c", "shell", "{}"), TreeSeen("", "", "", "shell", 0, 0, 0),
    TrialBroke("sandbox", "gone", will_retry=True), STARTED,
)  # fmt: skip


def see(log: EventLog) -> None:
    for seq, event in enumerate(EVENTS, 1):
        log.see(KEY, Entry(seq, 0.0, event))


def test_run_trial_and_turn_stand_on_every_line(tmp_path: Path) -> None:
    """A line can be searched for by any of the three; a new try begins at turn 0; what is of no use to an operator is left out."""
    with EventLog(tmp_path / "run.log", "r1") as log:
        see(log.of("t0007"))
    told = [json.loads(line) for line in (tmp_path / "run.log").read_text("utf-8").splitlines()]
    assert [(each["event"], each["turn"]) for each in told] == [
        ("TrialStarted", 0), ("ModelAsked", 3), ("ToolCalled", 3), ("TrialBroke", 3), ("TrialStarted", 0)
    ]  # fmt: skip
    assert {(each["run"], each["trial"], each["attempt"]) for each in told} == {("r1", "t0007", 2)}
    assert [each["level"] for each in told] == ["info"] * 3 + ["warning", "info"]


def test_it_is_heard_on_stderr_where_it_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As JSON or as text; what a worker has written into the file itself is only repeated there."""
    for style in ("json", "text", ""):
        with EventLog(tmp_path / f"{style}.log", "r1", aloud=style) as log:
            log.note("swept", containers=2)
            log.of("t0001").repeat("ToolCalled", turn=3, tool="shell")
        assert len((tmp_path / f"{style}.log").read_text("utf-8").splitlines()) == 1
        heard = capsys.readouterr().err.splitlines()
        assert len(heard) == (2 if style else 0)
        if style == "json":
            told = json.loads(heard[1])
            assert (told["event"], told["run"], told["trial"], told["turn"], told["tool"]) == ("ToolCalled", "r1", "t0001", 3, "shell")
        if style == "text":
            assert "ToolCalled" in heard[1]
            assert "t0001" in heard[1]


def test_another_style_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    """One sentence names the variable."""
    with pytest.raises(PlanError, match="LONGHAUL_LOG: found 'xml', expected json or text"):
        EventLog(tmp_path / "run.log", "r1", aloud="xml")


def test_a_closed_log_ends_nothing(tmp_path: Path) -> None:
    """A line that comes too late is lost."""
    log = EventLog(tmp_path / "run.log", "r1")
    log.close()
    log.note("late")
    see(log.of("t0001"))
    assert (tmp_path / "run.log").read_bytes() == b""
