"""What is honoured is told at once, a violation only after its grace: near the end of a trial neither is counted, nor would both be fairly."""

from __future__ import annotations

import pytest

from harness.core import predicates as ask
from harness.core.memory import Constraint, Item, Manifest
from harness.metrics.context.standing import GRACE, standing, unsettled
from tests.metrics.context.staged import FINISH, TESTS, Act, Play

PY = ("pkg/**/*.py",)
RULE = Item("suffix", "rule", "ends with _op", ("_op",))
ADDS = Manifest(items=(RULE,), constraints=(Constraint("suffix", ask.Named(PY, r".*_op"), ask.Adds("function", PY)),))
HELD = Manifest(items=(RULE,), constraints=(Constraint("suffix", ask.Silent(PY, r"float\("), ask.Edits(PY)),))
GOOD = Act({"pkg/a.py": "def one_op(): ...\n"})


def open_(play: Play, manifest: Manifest = ADDS) -> list[bool]:
    """Of each opportunity that is honoured, whether a violation in its place could not have been told."""
    turns = tuple(play.turns)
    found = standing(manifest, turns, play.base, play.shelf, {})[0]
    assert all(one.honoured for one in found)
    return [unsettled(manifest, turns, one) for one in found]


@pytest.mark.parametrize("manifest", [ADDS, HELD], ids=["adds", "edits"])
def test_an_outcome_is_open_while_a_grace_would_be(manifest: Manifest) -> None:
    """Its turn and the two after it; with a third turn it would have been told."""
    play = Play({}).turn(GOOD)
    for _ in range(GRACE):
        assert open_(play, manifest) == [True]
        play.turn()
    assert open_(play, manifest) == [False]


@pytest.mark.parametrize("stop", [TESTS, FINISH, Act(command="git commit -am x"), Act(command="python -m pytest -q")], ids=["tests", "finish", "commit", "pytest"])
@pytest.mark.parametrize("manifest", [ADDS, HELD], ids=["adds", "edits"])
def test_where_work_settles_it_is_not(stop: Act, manifest: Manifest) -> None:
    """In its own turn after it, or in a later one; what settled before it in its own turn settles nothing of it."""
    assert open_(Play({}).turn(GOOD, stop), manifest) == [False]
    assert open_(Play({}).turn(GOOD).turn(stop), manifest) == [False]
    assert open_(Play({}).turn(stop, GOOD), manifest) == [True]


def test_a_turn_handed_back_settles_it() -> None:
    """Its own or the next one."""
    assert open_(Play({}).turn(GOOD, yielded=True)) == [False]
    assert open_(Play({}).turn(GOOD).turn(yielded=True)) == [False]


def test_a_violation_there_would_have_been_told_just_where_it_is_not_open() -> None:
    """The same turns with a bad name: told where, and only where, the good one counts."""
    bad = Act({"pkg/a.py": "def one(): ...\n"})
    for rest in ((), ((),), ((), ()), ((), (), ()), ((TESTS,),), ((), (FINISH,)), ((), (), (TESTS,))):
        plays = {name: Play({}).turn(act) for name, act in (("good", GOOD), ("bad", bad))}
        for acts in rest:
            for play in plays.values():
                play.turn(*acts)
        told = standing(ADDS, tuple(plays["bad"].turns), plays["bad"].base, plays["bad"].shelf, {})[0]
        assert open_(plays["good"]) == [not told], rest


def test_what_is_judged_at_once_is_never_open() -> None:
    """At a command, and of an item without a constraint, nothing is waited for."""
    runs = Manifest(items=(RULE,), constraints=(Constraint("suffix", ask.Silent(PY, r"float\("), ask.Runs("^make$")),))
    assert open_(Play({}).turn(GOOD, Act(command="make")), runs) == [False]
    play = Play({}).turn(GOOD)
    (one,) = standing(ADDS, tuple(play.turns), play.base, play.shelf, {})[0]
    assert not unsettled(Manifest(items=(RULE,)), tuple(play.turns), one)
