"""An account holds what a scene and its findings say of a trial, each figure once, and comes back from JSON as it was."""

from __future__ import annotations

import msgspec

from harness.core.findings import Opportunity
from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.predicates import Adds, Exists, Named
from harness.metrics.context.account import Account
from harness.metrics.context.accounting import account
from harness.metrics.context.all import findings
from harness.metrics.context.reading import scene
from tests.metrics.context.detectors.played import Play
from tests.metrics.context.telling import KEY, Forest, Telling, a_task

MEMORY = Manifest(
    (Stage("s01", "add"), Stage("s02", "talk", interlude=True), Stage("s03", "add", distance=4000)),
    (Item("suffix", "rule", "Ends with `_op`.", ("_op`",), until=3, guess=0.1, manner="sleeper"), Item("tag", "fact", "Tag is Z9.", ("Z9",), since=3, validated=False)),
    (Constraint("suffix", Named(("pkg/*.py",), ".*_op"), Adds("function", ("pkg/*.py",))),),
    (Milestone("s01.1", "1.1", 1, Exists("pkg/a.py"), items=("suffix",)),),
)
TREES = {"t1": {"pkg/a.py": "def one_op(): ...\n"}, "t2": {"pkg/a.py": "def one_op(): ...\n", "pkg/b.py": "def two(): ...\n"}}


def an_account() -> Account:
    """Three requests: a function that keeps the rule, talk and a clearing that takes the rule away, a function that breaks it in sight of none."""
    told = Telling()
    asked = told.request("1.1 Every new function ends with `_op`.")
    told.turn("Wrote pkg/a.py", "write", {"path": "pkg/a.py", "content": "x"}, tree="t1")
    told.ask()
    told.reply("Done.")
    told.yielded()
    told.request("Tell me about the weather.")
    told.replace(asked, "Cleared.")
    told.turn("Wrote pkg/b.py", "write", {"path": "pkg/b.py", "content": "y"}, tree="t2")
    for _ in range(3):
        told.turn("z" * 400)
    told.end()
    task = a_task(MEMORY, ("a", "b", "c"))
    made = scene("t0007", task, told.trace, told.get, Forest(TREES))
    return account(made, findings(made), KEY, untested=2)


def test_each_opportunity_has_the_sight_of_its_item() -> None:
    """The first was seen and honoured, the second was cleared away before and violated."""
    kept, lost = an_account().chances
    assert (kept.item, kept.turn, kept.stage, kept.template, kept.honoured, kept.visible, kept.aside, kept.compacted) == ("suffix", 1, 1, "add", True, True, False, 0)
    assert kept.distance is not None
    assert (lost.turn, lost.stage, lost.honoured, lost.visible, lost.distance, lost.aside, lost.compacted, lost.cut) == (3, 2, False, False, None, True, 1, False)


def test_items_know_when_they_were_stated_shown_and_seen() -> None:
    """One that was never stated has no turn of birth."""
    suffix, tag = an_account().items
    assert (suffix.born, suffix.ended, suffix.guess, suffix.manner, suffix.spans, suffix.shows) == (1, None, 0.1, "sleeper", ((1, 2),), (1,))
    assert (tag.born, tag.validated, tag.spans, tag.shows) == (None, False, (), ())


def test_a_clearing_says_what_survived_by_kind() -> None:
    """Of the rules that could be seen before it, none can be seen after it."""
    (cleared,) = an_account().compactions
    assert (cleared.turn, cleared.number, cleared.policy) == (3, 1, "clear")
    assert ("rule", 1, 0) in [each for each in cleared.kinds if each[1] == 1]


def test_pulses_milestones_and_calls_are_there_once() -> None:
    """Tokens only grow, a clearing does not take back what was said; what is unmet or met is told at each end."""
    made = an_account()
    assert [pulse.turn for pulse in made.pulses] == [1, 2, 3, 4, 5, 6]
    assert [pulse.tokens for pulse in made.pulses] == sorted(pulse.tokens for pulse in made.pulses)
    assert made.pulses[2].edits == 1
    assert [pulse.changing for pulse in made.pulses] == [1, 0, 1, 0, 0, 0]
    (mark,) = made.marks
    assert (mark.point, mark.items, mark.final) == ("1.1", ("suffix",), True)
    assert len(made.calls) == 5
    assert (made.trial, made.stop, made.untested, made.derived) == ("t0007", "answered", 2, False)


def test_an_account_comes_back_from_json() -> None:
    """What is kept beside a run is what was made."""
    made = an_account()
    assert made.findings
    assert msgspec.json.decode(msgspec.json.encode(made), type=Account) == made


def test_turns_that_put_right_or_began_stay_with_the_opportunity() -> None:
    """The turn that undid a violation after its grace, and the one whose sight is told where the outcome showed later."""
    play = Play(Manifest(items=(Item("suffix", "rule", "Ends with `_op`.", ("_op`",)),)))
    for _ in range(9):
        play.over()
    late = Opportunity("suffix", 4, "stage 1", honoured=False, settled=5, begun=2, mended=7)
    (told,) = account(msgspec.structs.replace(play.scene(), opportunities=(late,)), (), KEY).chances
    assert (told.turn, told.begun, told.mended, told.repaired) == (4, 2, 7, None)
