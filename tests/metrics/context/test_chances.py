"""What an account says of each opportunity: inherited from an earlier violation, across a request that only takes up room, or open at the end."""

from __future__ import annotations

import msgspec
import pytest

from harness.core.findings import Opportunity
from harness.core.memory import Constraint, Item, Manifest, Stage
from harness.core.predicates import Adds, Named, Runs, Silent
from harness.metrics.context.account import Account, Chance, Taken
from harness.metrics.context.accounting import account
from harness.metrics.context.reading import scene
from tests.metrics.context.detectors.played import Play
from tests.metrics.context.telling import KEY, Forest, Telling, a_task

RULE = Item("suffix", "rule", "Ends with `_op`.", ("_op`",))
OTHER = Item("other", "rule", "No floats.", ("floats",))
AT_ONCE = Manifest(items=(RULE, OTHER), constraints=(Constraint("suffix", Silent(("**",), "x"), Runs("make")),))
TURNS = 9


def chances(*opportunities: Opportunity, manifest: Manifest = AT_ONCE) -> list[Chance]:
    """Of a trial of nine turns with just these opportunities."""
    play = Play(manifest)
    for _ in range(TURNS):
        play.over()
    made = msgspec.structs.replace(play.scene(), opportunities=opportunities)
    return list(account(made, (), KEY).chances)


def at(turn: int, subject: str, *, honoured: bool = True, mended: int | None = None, item: str = "suffix") -> Opportunity:
    return Opportunity(item, turn, subject, honoured, turn, mended=mended)


def inherited(*opportunities: Opportunity) -> list[bool]:
    return [each.inherited for each in chances(*opportunities)]


def test_what_an_earlier_violation_left_in_breach_is_inherited() -> None:
    """The same subject of the same item at a later turn, whatever its outcome; another subject, another item and its own turn are not."""
    slip = at(2, "a", honoured=False)
    assert inherited(slip, at(4, "a"), at(5, "b"), at(6, "a", honoured=False), at(7, "a")) == [False, True, False, True, True]
    assert inherited(at(1, "a"), slip, at(2, "a"), at(3, "a", item="other")) == [False] * 4
    assert inherited(at(2, "a"), at(4, "a")) == [False, False]


def test_what_was_put_right_is_inherited_no_more() -> None:
    """Up to the turn that mended it, and of that turn whatever it was about; what comes after it is its own again."""
    slip = at(2, "a", honoured=False, mended=5)
    assert inherited(slip, at(4, "a"), at(4, "b"), at(5, "a"), at(5, "c"), at(6, "a"), at(6, "c")) == [False, True, False, True, True, False, False]


def test_what_could_not_have_been_told_as_a_violation_is_no_opportunity() -> None:
    """In the last turns of a trial, where a grace would still go on; an earlier one counts, and one judged at once does everywhere."""
    adds = Manifest(items=(RULE,), constraints=(Constraint("suffix", Named(("**",), ".*_op"), Adds("function", ("**",))),))
    each = tuple(at(turn, f"a.py:f{turn}_op") for turn in range(5, TURNS + 1))
    assert [one.turn for one in chances(*each, manifest=adds)] == [5, 6, 7]
    assert [one.turn for one in chances(*each)] == [5, 6, 7, 8, 9]


def across(*, interlude: int, cleared: bool) -> Chance:
    """The opportunity of the third of three requests, of an item stated by the first; one request of them may only take up room."""
    stages = tuple(Stage(f"s0{number}", interlude=number == interlude) for number in (1, 2, 3))
    memory = Manifest(stages, (RULE,), (Constraint("suffix", Named(("pkg/*.py",), ".*_op"), Adds("function", ("pkg/*.py",))),))
    told = Telling()
    asked = told.request("1.1 Every new function ends with `_op`.")
    told.turn("Looked.")
    told.yielded()
    told.request("Tell me about the weather.")
    told.turn("It rains.")
    told.yielded()
    told.request("Go on.")
    if cleared:
        told.replace(asked, "Cleared.")
    told.turn("Wrote pkg/b.py", "write", {"path": "pkg/b.py", "content": "y"}, tree="t1")
    for _ in range(4):
        told.turn("z")
    told.end()
    made = scene("t0007", a_task(memory, ("a", "b", "c")), told.trace, told.get, Forest({"t1": {"pkg/b.py": "def two(): ...\n"}}))
    (one,) = account(made, (), KEY).chances
    return one


@pytest.mark.parametrize("cleared", [False, True], ids=["in view", "cleared away"])
def test_a_request_that_takes_up_room_lies_between_whether_the_item_can_be_seen_or_not(*, cleared: bool) -> None:
    """Counted from the request that showed it last: an item that was cleared away is as far as one that is still in view."""
    assert across(interlude=2, cleared=cleared).visible is not cleared
    assert [across(interlude=number, cleared=cleared).aside for number in (0, 2)] == [False, True]


def test_an_item_that_was_never_shown_counts_from_the_request_that_states_it() -> None:
    """Nobody ever saw its words: what lies between its request and the opportunity is what lay between."""
    stages = (Stage("s01"), Stage("s02", interlude=True), Stage("s03"))
    play = Play(msgspec.structs.replace(AT_ONCE, stages=stages), hidden=("suffix", "other"))
    for stage in (1, 2, 3):
        play.stage = stage
        play.over()
    made = msgspec.structs.replace(play.scene(), opportunities=(at(1, "a"), at(3, "a")))
    assert [each.aside for each in account(made, (), KEY).chances] == [False, True]


@pytest.mark.parametrize(("kind", "declared", "broken", "cut"), [
    ("A1", False, True, True), ("A2", False, True, True), ("A3", False, True, True), ("A4", False, False, False), ("A2", True, False, True),
])  # fmt: skip
def test_a_cut_that_nobody_declared_breaks_a_trial(kind: str, declared: bool, broken: bool, cut: bool) -> None:
    """What took something unsaid is the world's fault; a refusal aloud took nothing, and a declared cut is what was measured."""
    made = Account("t0001", "made", "coder", "ollama/made", "", 1, "v", cuts=(Taken(2, kind, 5, (), 0, declared),))
    assert (made.broken, made.cut) == (broken, cut)
    assert not msgspec.structs.replace(made, cuts=()).broken
