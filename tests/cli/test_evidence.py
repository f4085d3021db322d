"""What `show` says of a verdict: nothing is left out in silence, and what broke stands first."""

from __future__ import annotations

import io

from rich.console import Console

from harness.cli.running.evening import first_failed
from harness.cli.screen.evidence import told
from harness.cli.screen.live import CAPTION, Progress
from harness.cli.sweep import counts, worth_a_line
from harness.core.events import ResourcesSeen
from harness.core.machine import Resources
from harness.core.task import TestIds
from harness.core.trial import TrialKey
from harness.report.overview import About, overview
from harness.report.story import told as told_event
from harness.report.summary import counted
from sandboxes.docker_sweep import Leftover
from tests.cli.rows import a_row

KEY = TrialKey("r", "task", "coder", "m/x", "", 1)
CHECK = TestIds(command="t", format="junit", fail_to_pass=("a::f", "b::f"), pass_to_pass=("c::p",), files=())


def test_what_broke_stands_first() -> None:
    """Sentences about the whole, then PASS_TO_PASS, then FAIL_TO_PASS, each marked."""
    lines = told(("the tests were cut", "a::f: failed", "c::p: not reported"), CHECK, raw=False)
    assert lines == ["the tests were cut", "PASS_TO_PASS c::p: not reported", "FAIL_TO_PASS a::f: failed"]


def test_what_is_not_shown_is_counted() -> None:
    """34 failing tests are ten lines and the number of the rest; --raw shows all."""
    many = tuple(f"t{number}: failed" for number in range(34))
    assert told(many, CHECK, raw=False)[-1] == "... 24 more (--raw shows all)"
    assert len(told(many, CHECK, raw=True)) == 34


def test_the_short_words_are_explained_once() -> None:
    """f2p and p2p have a caption before the first line that uses them, and only there."""
    file = io.StringIO()
    with Progress(Console(file=file, width=200), "lines", "r", {"t0001": KEY, "t0002": KEY}) as progress:
        for trial in ("t0001", "t0002"):
            progress.settled(a_row(trial=trial, f2p=(1, 2), p2p=(3, 3)))
    lines = file.getvalue().splitlines()
    assert lines[0] == CAPTION
    assert lines.count(CAPTION) == 1
    assert "1 turn  f2p 1/2" in lines[1]


def test_one_is_singular() -> None:
    """One task is too few, two tasks are."""
    assert "1 task is too few to rank models by" in overview(About("r"), (a_row(),)).warnings
    assert "2 tasks are too few to rank models by" in overview(About("r"), (a_row(), a_row(task="other"))).warnings
    assert (counted(1, "trial"), counted(0, "trial")) == ("1 trial", "0 trials")


def test_living_containers_are_only_counted() -> None:
    """A sweep lists what dead and foreign owners left; a run under way is a number."""
    found = tuple(Leftover(word, "o", "r", "t", "running", word) for word in ("living", "dead", "foreign", "living"))  # type: ignore[arg-type]
    assert [each.standing for each in worth_a_line(found)] == ["dead", "foreign"]
    assert counts(found) == "4 containers of ours: 2 of living runs, 2 left behind, 0 removed"


def test_memory_is_told_in_megabytes() -> None:
    """Nobody reads nine digits."""
    head, _ = told_event(ResourcesSeen(Resources(123_456_789, memory_kills=0)), lambda _blob: b"")
    assert head == "memory peak 123 MB, kills for memory 0"


def test_the_trial_to_look_at_is_not_idle() -> None:
    """That idle fails is as it must be; a run where all passed has none."""
    rows = (a_row(trial="t1", agent="idle", outcome="failed"), a_row(trial="t2"), a_row(trial="t3", outcome="broken"))
    assert (found := first_failed(rows)) is not None
    assert found.trial == "t3"
    assert first_failed(rows[:2]) is None
