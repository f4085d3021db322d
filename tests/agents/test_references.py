"""The two reference agents that no model is behind."""

from __future__ import annotations

from agents import idle, oracle
from harness.core.agent import Stop, Yield
from harness.core.task import GoldPatch


def test_the_oracle_solves_once_and_hands_back(kit):
    """The oracle uses solve once, claims it, and hands every further request back."""
    played = kit.Tape().play(oracle.create(solution=GoldPatch(b"")), [], later=("more",))
    assert [c.name for c in played.used] == ["solve"]
    assert len(played.claims) == 2
    assert played.stop is Stop.ANSWERED


def test_an_oracle_without_solution_gives_up(kit):
    """No other way to a solution exists than being given it."""
    assert kit.Tape().play(oracle.create(), []).stop is Stop.GAVE_UP


def test_idle_wishes_nothing(kit):
    """Idle hands the turn back and does nothing else."""
    played = kit.Tape().play(idle.create(), [])
    assert [type(wish) for wish in played.wishes] == [Yield]
    assert played.stop is Stop.ANSWERED
    assert idle.create().tools() == ()
