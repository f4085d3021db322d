"""A scene of a fork, of a try that goes on, of a trace cut short or told otherwise says the same of what is the same."""

from __future__ import annotations

from msgspec import structs

from harness.core.chat import Origin, Role, Text, message
from harness.core.events import (
    Digests,
    TreeSeen,
    TrialInterrupted,
    TrialStarted,
)
from harness.core.lived import PastLived
from harness.core.memory import Item, Manifest, Stage
from harness.core.trial import Parent, TrialKey
from harness.engine.moment import Lived, packed
from harness.metrics.context.accounting import account
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene
from harness.metrics.tries import upto
from tests.metrics.context.telling import KEY, Forest, Telling, a_task


def a_rule(**more: object) -> Manifest:
    item = Item("suffix", "rule", "Ends with `_op`.", ("_op",), **more)  # type: ignore[arg-type]
    return Manifest((Stage("s01"), Stage("s02")), (item,))


def read(told: Telling, memory: Manifest | None = None, **trees: dict[str, str]) -> Scene:
    return scene("x", a_task(memory), told.trace, told.get, Forest(trees))


def begun() -> Telling:
    told = Telling()
    told.system("You work through tools.")
    told.request("1.1 Every new function ends with `_op`. Do not touch pkg/frozen.py.")
    return told


def test_a_fork_knows_what_its_past_had_seen() -> None:
    """Turns of the past come first, its entries with a minus; the view it goes on under is told against that of the past."""
    past = begun()
    past.turn("1\tdef a_op(): ...", "read", {"path": "pkg/a.py", "first_line": 1, "last_line": 0})
    past.turn("y" * 400)
    lived = upto(past.trace, 2)
    fork = Telling(key=TrialKey("20260101-000000-bbbb", "made", "coder", "ollama/made", "", 1), parent=Parent("20260101-000000-aaaa", "0001", 1, 2, "fresh"))
    fork.event(TreeSeen("t0", "", "", "harness", 0, 0, 0))
    kept = fork.put(packed(Lived(lived, "fresh", "")))
    fork.blobs |= past.blobs
    fork.event(PastLived(2, 2, 100, 1.0, 1.0, past=kept))
    fork._turn, fork._names, fork._own = 2, past._names, past._own
    fork.view = [past.view[0]]
    fork.say(Role.USER, "This is done: pkg/a.py.")
    fork.ask()
    fork.reply("Going on.")
    made = read(fork, a_rule())
    assert (made.past, [turn.number for turn in made.turns]) == (2, [1, 2, 3])
    assert made.turns[2].view == ("a1.1", "a2.1")
    assert [made.ledger.sight("suffix", turn).visible for turn in (1, 2, 3)] == [True, True, False]
    assert made.ledger.sight("suffix", 3).exposures == 2
    assert made.turns[0].seq < 0 < made.turns[2].seq
    assert made.base == "t0"
    assert made.requests == ((1, "m1", 1),)
    told = account(made, (), KEY)
    assert (told.past, told.turns, len(told.pulses)) == (2, 1, 3)


def test_a_try_that_goes_on_has_the_turns_of_the_one_before() -> None:
    """The broken turn is not told twice."""
    told = begun()
    told.turn("1\tdef a_op(): ...", "read", {"path": "pkg/a.py", "first_line": 1, "last_line": 0})
    told.ask()
    told.event(TrialInterrupted("the user stopped it"))
    parent = Parent(KEY.run, "0001", 1, 1, "")
    told.event(TrialStarted(KEY, 2, parent, 7, Digests("", "", "", ""), "{}", "here"))
    told.event(TreeSeen("t0", "", "", "start", 0, 0, 0))
    told.event(PastLived(1, 1, 10, 1.0, 1.0))
    told._turn, told._ids = 1, ()
    told.turn("again")
    made = read(told, a_rule())
    assert ([turn.number for turn in made.turns], made.past) == ([1, 2], 0)
    assert made.ledger.sight("suffix", 2).visible
    assert made.turns[1].view[:2] == ("a1.1", "m1.1")


def test_a_trace_cut_short_tells_of_its_turns_what_the_whole_one_tells() -> None:
    """Sights, losses and validity up to the end of any turn."""
    told = begun()
    marks = []
    for number in range(8):
        gone = told.turn(f"step {number} " * 300 + "convert_op", "read", {"path": f"pkg/{number}.py", "first_line": 1, "last_line": 0})
        marks.append(len(told.entries))
        if number in (3, 6):
            told.replace(gone, "[cleared]")
    whole = read(told, a_rule())
    for turn, mark in enumerate(marks, 1):
        prefix = scene("x", a_task(a_rule()), told.trace[:mark], told.get, Forest())
        assert len(prefix.turns) == turn
        for one in range(1, turn + 1):
            assert [prefix.ledger.sight(item, one) for item in prefix.ledger.items] == [whole.ledger.sight(item, one) for item in prefix.ledger.items]
            assert prefix.ledger.lost(one) == whole.ledger.lost(one)


def test_ids_and_empty_turns_change_no_sight() -> None:
    """Other names for parts, and turns that only look, leave visible, distance and exposures as they were."""
    plain, more = begun(), begun()
    more._names += 40
    for told in (plain, more):
        told.turn("1\tdef a(): ...", "read", {"path": "a.py", "first_line": 1, "last_line": 0})
    first, second = read(plain, a_rule()).ledger.sight("suffix", 1), read(more, a_rule()).ledger.sight("suffix", 1)
    assert structs.replace(first, part="") == structs.replace(second, part="")
    more.ask()
    more.reply("")
    for told in (plain, more):
        told.ask()
        told.reply("done")
    one, two = read(plain, a_rule()).ledger.sight("suffix", 2), read(more, a_rule()).ledger.sight("suffix", 3)
    assert (one.visible, one.distance, one.exposures) == (two.visible, two.distance, two.exposures)


def test_cutting_a_message_into_parts_moves_no_distance() -> None:
    """The words stand where they stood."""
    told, cut = Telling(), Telling()
    text = "a " * 500 + "functions end with _op here. " + "b " * 700
    told.view = [message("a1", Role.SYSTEM, Origin.HARNESS, Text("You work.")), message("a2", Role.USER, Origin.TASK, Text(text))]
    cut.view = [told.view[0], message("a2", Role.USER, Origin.TASK, Text(text[:700]), Text(text[700:1400]), Text(text[1400:]))]
    sights = []
    for each in (told, cut):
        each.ask()
        each.reply("done")
        sights.append(read(each, a_rule()).ledger.sight("suffix", 1))
    assert sights[0].visible
    assert sights[1].visible
    assert sights[0].distance is not None
    assert sights[1].distance is not None
    assert abs(sights[0].distance - sights[1].distance) <= 2
