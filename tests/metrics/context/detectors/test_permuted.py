"""Stages that know nothing of each other may be asked for in any order: every detector says the same of each, and links the same to the same.

The same: kind, item, turns counted within the stage, status, mechanism, visibility, evidence, root. Independent are stages that share no
files, no names (a function of one name that went elsewhere counts as moved, a path may be known from a request), no items, and no text
that is written twice. What hangs on the order by its meaning is held by the last tests of this file, each with the reason. Besides these: a
wait for a stage that was cut off (a hand-back ends every grace of a rule, so none reaches over it), distance and fill, what a clearing or a
server's cut took (the oldest goes first, whatever it is about), and calls that go wrong late (J is about depth).
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import msgspec
import pytest

from harness.core.predicates import Adds, Named
from harness.metrics.context.all import findings
from tests.metrics.context.detectors.episodes import (
    EPISODES,
    Episode,
    body,
    names,
    played,
    rule,
    there,
)
from tests.metrics.context.detectors.played import Play
from tests.metrics.context.detectors.strolling import FOLDERS, strolls
from tests.metrics.context.detectors.unplaced import Told, unplaced

SEEDS = range(4)
ALONE = {
    "drift": ["C1"], "adopt": ["C2"], "passing": ["C4"], "sleeper": ["C3"], "fact": ["D1", "H1"], "former": ["H1", "L1"],
    "undone": ["G1", "G2", "G4", "H1"], "twice": ["G5"], "ending": ["H1", "H2", "H3"], "state": ["I1", "I1", "I2", "I4"],
    "circle": ["E1", "E1", "E1", "E1", "F1", "F2"], "stub": ["K3"], "clean": [],
}  # fmt: skip


def told(order: Sequence[Episode], every: Sequence[Episode]) -> list[Told]:
    scene = played(order, every)
    return unplaced(findings(scene), scene, names(order))


@lru_cache(maxsize=32)
def alone(name: str) -> tuple[Told, ...]:
    return tuple(told([one for one in EPISODES if one.name == name], EPISODES))


def kinds(found: Sequence[Told]) -> list[str]:
    return sorted(one.kind for one in found)


def test_each_stage_has_its_slip() -> None:
    """Else what follows would hold of nothing."""
    assert {one.name: kinds(alone(one.name)) for one in EPISODES} == ALONE


@pytest.mark.parametrize("first", [one.name for one in EPISODES])
def test_two_stages_say_in_either_order_what_each_says_alone(first: str) -> None:
    """Every ordered pair: the sum of both, and so the same whichever comes first."""
    one = next(each for each in EPISODES if each.name == first)
    for other in EPISODES:
        if other is not one:
            assert told((one, other), EPISODES) == sorted((*alone(first), *alone(other.name))), other.name


def test_three_stages_say_the_same_in_all_orders() -> None:
    """Of one that breaks its own work, one that makes up a value and one that drifts, links and all."""
    three = [one for one in EPISODES if one.name in ("undone", "fact", "drift")]
    assert len({tuple(told(order, EPISODES)) for order in itertools.permutations(three)}) == 1


def test_all_stages_say_the_same_in_many_orders() -> None:
    """Thirteen of them: backwards, begun elsewhere, and shuffled. What follows from something follows from its own stage."""
    expected = sorted(each for one in EPISODES for each in alone(one.name))
    shuffled = random.Random(7).sample(EPISODES, len(EPISODES))
    for order in (EPISODES, EPISODES[::-1], (*EPISODES[5:], *EPISODES[:5]), shuffled):
        assert told(order, EPISODES) == expected
    links = [one for one in expected if one.root]
    assert len(links) == 8
    assert all(f"@{one.turn[0]}+" in one.root for one in links)


@pytest.mark.parametrize("seed", SEEDS)
def test_drawn_stages_say_the_same_in_other_orders(seed: int) -> None:
    """Four stages of five to fourteen turns of acts drawn by chance, backwards and in two further orders."""
    stages = strolls(seed)
    expected = told(stages, stages)
    for order in (stages[::-1], (*stages[2:], *stages[:2]), random.Random(seed).sample(stages, 4)):
        assert told(order, stages) == expected


def test_drawn_stages_are_full_of_losses() -> None:
    """In each folder, of all classes that a tree can show."""
    found = [one for seed in SEEDS for one in told(strolls(seed), strolls(seed))]
    assert {one.turn[0] for one in found} == set(FOLDERS)
    assert {"C1", "C2", "D1", "E1", "G1", "H1", "H2", "I1", "I3", "K3"} <= {one.kind for one in found}, Counter(kinds(found))


def asks(name: str, *files: tuple[str, str], done: str = "{}.1", undone: str = "", tests: Sequence[tuple[str, int]] = ()) -> Episode:
    """A stage that writes these files, a turn each, and runs these tests."""

    def acts(play: Play, number: int) -> None:
        for path, text in files:
            play.write(path, text).over()
        for said, code in tests:
            play.test(said, code).over()
        play.finish(done.format(number), undone.format(number))

    return Episode(name, acts, there(f"{name}/a.py"), files={f"{name}/a.py": "A = 1\n"})


def function(path: str, name: str) -> tuple[str, str]:
    return path, f"def {name}():\n    return 1\n"


def test_what_a_shared_rule_is_called_when_broken_hangs_on_what_was_kept_before() -> None:
    """By meaning: at its first opportunity it was never taken up (C2), after one it is neither, after two it was kept and lost (C1)."""
    shared = Named(("*/*.py",), ".*_op"), Adds("function", ("*/*.py",))
    keeps = [asks(name, function(f"{name}/b.py", f"{name}_op")) for name in ("one", "two")]
    slip = msgspec.structs.replace(asks("slip", function("slip/b.py", "slipped")), items=(rule("slip"),), rules=(("slip:suffix", *shared),))
    found = [told(order, order) for order in ((slip, *keeps), (keeps[0], slip, keeps[1]), (*keeps, slip))]
    assert [[(one.kind, one.turn) for one in each] for each in found] == [[("C2", ("slip", 0))], [], [("C1", ("slip", 0))]]


def test_of_two_that_are_alike_the_later_is_told() -> None:
    """By meaning: of two looks at one file the second is needless (E1), of two functions that are the same the second was written again (G5)."""
    def looks(play: Play, number: int) -> None:
        play.read("readme.txt").over().test().finish(f"{number}.1")

    pairs = (
        tuple(Episode(name, looks, there("readme.txt")) for name in ("one", "two")),
        tuple(asks(name, (f"{name}/b.py", body(f"{name}_heft", 7)), tests=[("3 passed", 0)]) for name in ("one", "two")),
    )  # fmt: skip
    for pair, kind in zip(pairs, ("E1", "G5"), strict=True):
        for order in (pair, pair[::-1]):
            assert [(one.kind, one.turn) for one in told(order, pair)] == [(kind, (order[1].name, 0))]


def test_giving_up_early_is_told_of_the_stage_that_comes_last() -> None:
    """By meaning: H4 is about the end of the conversation. After a stage that is left open, one that is done is no early end."""
    opened = msgspec.structs.replace(asks("open", undone="{0}.1: later", done=""), points=there("open/never.py"))
    for order, kind in (((opened, asks("done")), ["H3"]), ((asks("done"), opened), ["H3", "H4"])):
        scene = msgspec.structs.replace(played(order), turn_limit=100)
        assert kinds(unplaced(findings(scene), scene, names(order))) == kind


def test_an_empty_function_is_told_where_any_point_is_open() -> None:
    """By what K3 is: a body of `pass` may be meant so, unless a point of the requests so far does not hold, whichever request asked for it."""
    hollow = asks("hollow", ("hollow/b.py", "def one():\n    pass\n"))
    opened = msgspec.structs.replace(asks("open", undone="{0}.1: later", done=""), points=there("open/never.py"))
    assert [kinds(told(order, order)) for order in ((hollow, opened), (opened, hollow))] == [["H3"], ["H3", "K3"]]


def test_tests_left_red_are_one_root_in_any_order() -> None:
    """A red end that later stages hand in again without a run is told at each hand-back (G3); all but the first follow from it."""
    broken = Episode("red", reddens, there("red/a.py"), files={"red/a.py": "A = 1\n"})
    others = [asks(name, (f"{name}/b.py", "B = 1\n")) for name in ("one", "two")]
    for place in range(3):
        order = (*others[:place], broken, *others[place:])
        found = told(order, order)
        assert [(one.kind, one.turn) for one in found if not one.root] == [("G3", ("red", 3))]
        assert kinds(found) == ["G3"] * (3 - place)


def reddens(play: Play, number: int) -> None:
    """Breaks a test that passed, sees it, and hands it in so."""
    play.test("tests/test_red.py::test_red PASSED\n1 passed").over().write("red/b.py", "B = 2\n").over()
    play.test("FAILED tests/test_red.py::test_red\n1 failed", 1).over().finish(f"{number}.1")


def test_false_words_about_tests_are_the_same_but_for_links() -> None:
    """I4 is about the tests of all, one topic: two stages in a row that claim a run are two findings, the second of which follows from the first."""
    claims = [asks(name, (f"{name}/b.py", "B = 1\n"), done="{0}.1, all tests pass") for name in ("one", "two")]
    for order in (claims, claims[::-1]):
        found = told(order, order)
        said = {one.turn[0]: (one.kind, one.turn[1], bool(one.root)) for one in found}
        assert said == {order[0].name: ("I4", 1, False), order[1].name: ("I4", 1, True)}
