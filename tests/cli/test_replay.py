"""`longhaul replay` before and after the machine: what can't be replayed is refused, and what came of it is said in order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from harness.cli.record.replays import Account, lines, summary
from harness.cli.record.runs import remember
from harness.core.trial import TrialKey
from harness.engine.replay import Noise, Parting, Replayed
from harness.engine.replay_compare import Difference
from harness.plan import Plan
from harness.store.sqlite import create

Inside = Callable[..., tuple[int, str, str]]
RUN = "20260101-000000-abcd"
CLOCK = Noise("clock", 3, 1, 2, "10:00:00", "11:00:00")
PARTING = Parting(31, 7, "shell", '{"command": "x"}', Difference("output, line 4", "then\n", "now", "-then\n+now"))


@pytest.fixture
def run(tmp_path: Path) -> None:
    """A trial that never began."""
    keys = (TrialKey(RUN, "tiny", "coder", "scripted/x", "", 1),)
    store = create(tmp_path / "home" / "runs" / RUN, keys, {"run": RUN, "plan": msgspec.json.encode(Plan(("bundled",))).decode()})
    remember(store, ())
    store.close()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("last",), "in which no trial is settled"), (("last", "t0001"), "found t0001, expected a trial that began"),
        (("last", "t1", "--try", "2"), "has no try yet"), (("last", "t7"), "expected one of t0001"), (("x",), f"a run in {{runs}}: {RUN}"),
    ],
)  # fmt: skip
def test_what_can_not_be_replayed_is_refused(inside: Inside, run: None, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """One sentence, exit 2, no container."""
    code, out, err = inside("replay", *words)
    assert (code, out, len(err.splitlines())) == (2, "", 1), err
    assert said.format(runs=tmp_path / "home" / "runs") in err


def account(replayed: Replayed, agent: str = "") -> Account:
    return Account("t0001", "tiny", "coder", "ollama/m", 2, agent, replayed)


def test_a_divergence_is_told_before_the_noise() -> None:
    """Where, in which field, both sides, the lines; then each rule with how often, where and what."""
    told = account(Replayed("parted", 9, 7, (CLOCK,), ("a note",), PARTING, 1.0, 2.0))
    assert list(lines(told)) == [
        "t0001 tiny coder x ollama/m, try 2: parted at turn 31; 7 of 9 calls run, tools took 2.0 s, then 1.0 s",
        '  turn 31, call 7: shell {"command": "x"}', "  output, line 4", "    recorded: then\\n", "    now:      now", "    | -then", "    | +now",
        "  agent: wishes the same when it is told the same", "  passed over, clock: 3 times, first at turn 1, call 2",
        "    recorded: 10:00:00", "    now:      11:00:00", "  note: a note",
    ]  # fmt: skip
    assert not told.good


def test_every_end_has_its_words_and_its_side() -> None:
    """Good are those that went as recorded, and an agent that wishes the same."""
    ends = {
        "identical": True, "noise": True, "empty": True, "parted": False, "broken": False,
    }  # fmt: skip
    every = [account(Replayed(told, 0, 0, (), (), None, 0.0, 0.0, "gone" if told == "broken" else "")) for told in ends]  # type: ignore[arg-type]
    assert [each.good for each in every] == list(ends.values())
    assert "  gone" in list(lines(every[4]))
    moved = account(Replayed("identical", 0, 0, (), (), None, 0.0, 0.0), "turn 3: the agent wished the end")
    assert not moved.good
    assert "  agent: turn 3: the agent wished the end" in list(lines(moved))
    assert summary([*every, moved]) == (
        "6 trials: 2 identical, 1 identical after noise, 1 nothing to replay, 1 parted, 1 could not be replayed; 1 agent wished something else"
    )
    assert b'"try":2' in msgspec.json.encode(moved)
