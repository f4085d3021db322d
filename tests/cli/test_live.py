"""What is seen of a run while it goes on: the moving picture, lines, JSON lines, and nothing where nothing is wanted."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from harness.cli.screen.live import Progress, ended, styled
from harness.cli.screen.picture import Drawn, clock
from harness.core.trial import Parent, TrialKey
from harness.engine.workers import Line
from harness.report.standing import Pace, Picture, Standing
from tests.cli.rows import a_row

LONG = TrialKey("r", "a-task", "coder", f"scripted/{'long' * 30}", "", 1)
KEYS = {"t0001": LONG, "t0002": LONG, "t0003": LONG}


def printed(width: int, now: Picture) -> str:
    file = io.StringIO()
    Console(file=file, width=width, legacy_windows=False).print(Drawn(now))
    return file.getvalue()


def heard(style: str, *lines: Line) -> tuple[Progress, io.StringIO]:
    file = io.StringIO()
    progress = Progress(Console(file=file, width=80), style, "r", KEYS)
    for line in lines:
        progress.hear(line)
    return progress, file


def test_the_picture_keeps_time_while_nothing_is_heard() -> None:
    """The drawing thread asks for the picture anew: the clock is read then, and not when a worker speaks."""
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=True, legacy_windows=False)
    with Progress(console, "live", "r", KEYS) as progress:
        progress.hear(Line("t0001", "ToolCalled", 2, "shell", 1234, doing="working"))
        assert progress._live is not None
        with progress._live.still:
            before = file.tell()
            progress._live.draw()
            assert file.tell() > before
        text = printed(80, progress.picture())
    assert "1,234" in text
    assert "…" in text
    assert "0/3 done  1 running  2 waiting" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_trial_is_shown_from_its_first_word_to_its_end() -> None:
    """Its last tool stays while the model thinks; fill and cost are the workers' own; once settled it is counted and gone."""
    said = Line("t0001", "ToolCalled", 2, "read", 10, 0.5, fill=0.25, doing="working"), Line("t0001", "ModelAsked", 3, "", 10, 0.5, fill=0.25, doing="thinking")
    progress, _ = heard("lines", *said)
    (now,) = progress.picture().running
    assert (now.task, now.turn, now.doing, now.tool, now.fill, now.cost_usd) == ("a-task", 3, "thinking", "read", 0.25, 0.5)
    progress.hear(Line("t0001", "Settled"))
    progress.settled(a_row(cost_usd=0.75))
    after = progress.picture()
    assert (after.running, after.outcomes, after.cost_usd, after.pace.settled) == ((), {"passed": 1}, 0.75, 1)


@pytest.mark.parametrize("width", [60, 80, 110, 200])
def test_the_picture_fits_its_terminal(width: int) -> None:
    """Nothing wraps at any width, and every figure is whole; only the names of tasks and models are cut."""
    stands = Standing("t0042", "t" * 70, "coder", "ollama/" + "m" * 60, "", "thinking", 149, "run_tests", 1_234_567, 0.97, 1.5, 3725)
    now = Picture("r", "running", 500, {"passed": 12, "failed": 3}, (stands,) * 8, Pace(15, 3600), 12.5)
    text = printed(width, now)
    assert all(len(line.rstrip()) <= width for line in text.splitlines())
    for words in ("t0042", "tt", "149", "thinking", "97 %", "1:02:05", "15.0 trials/h", "$12.50"):
        assert words in text
    assert ("1,234,567  $1.50" in text) == (width > 60)
    assert "15/500 done" in text
    assert len(text.splitlines()) <= 8 + 4 + (width == 60)
    assert ("run_tests" in text) == (width >= 110)


def test_an_end_says_what_to_do_next() -> None:
    """A run that nobody is at says how it ended, and which command goes on from there."""
    left = Picture("r1", "stopped", 4, {"passed": 1}, (), Pace(1, 60))
    assert "stopped: no process drives it; 3 pending: longhaul resume r1" in printed(80, left)
    done = Picture("r1", "finished", 1, {"passed": 1}, (), Pace(1, 60))
    assert "finished; longhaul report r1" in printed(80, done)
    assert "left" not in printed(80, done)


def test_json_lines_are_json() -> None:
    """Each thing that happens is an object with its schema on a line of its own; fill and cost are in it."""
    progress, file = heard("json", Line("t0001", "ModelReplied", 1, fill=0.5, cost_usd=0.25))
    progress.settled(a_row(outcome="failed", reason="wrong", cost_usd=0.5))
    progress.say("[x] stopping")
    told = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [each["schema"] for each in told] == ["longhaul.trial-line/1", "longhaul.row-line/1", "longhaul.note-line/1"]
    assert (told[0]["fill"], told[0]["cost_usd"], told[1]["cost_usd"]) == (0.5, 0.25, 0.5)


def test_quiet_is_quiet() -> None:
    """Nothing but the table at the end."""
    progress, file = heard("quiet", Line("t0001", "ModelAsked", 1))
    progress.settled(a_row())
    progress.say("stopping")
    assert file.getvalue() == ""


def test_a_terminal_that_cannot_move_gets_lines() -> None:
    """TERM=dumb and pipes get a line per trial; options say otherwise."""
    pipe, terminal = Console(file=io.StringIO()), Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    dumb = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    assert [styled(each, quiet=False, json_lines=False) for each in (pipe, dumb, terminal)] == ["lines", "lines", "live"]
    assert styled(terminal, quiet=True, json_lines=False) == "quiet"
    assert styled(terminal, quiet=False, json_lines=True) == "json"


@pytest.mark.parametrize(("origin", "told"), [("", "2 turns"), ("continued", "38 turns")])
def test_a_replay_tells_its_own_turns(origin: str, told: str) -> None:
    """Beside its own seconds; what another trial had lived before is not its doing. Where a trial goes on with itself all are its own."""
    row = a_row(turns=38, parent=Parent("parent", "t0001", 1, 36, "full"), origin=origin)
    assert f"  {told}  " in ended(row)
    assert "  0 turns  " in ended(a_row(turns=0, parent=Parent("parent", "t0001", 1, 36, "full")))


def test_a_clock_is_short() -> None:
    """Seconds, then m:ss, then h:mm:ss."""
    assert [clock(seconds) for seconds in (5.9, 75, 3725)] == ["5 s", "1:15", "1:02:05"]
