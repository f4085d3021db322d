"""Points are chosen by where opportunities stood and never by how they went; what can't be replayed is left out before and compared."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import ClassVar

import msgspec
import pytest

from harness.answer.probe.points import BINS, binned, chosen, compared, failures, numbered, places
from harness.core.agent import Stop
from harness.core.facts import ModelFacts
from harness.core.findings import Opportunity
from harness.core.memory import Constraint, Item, Manifest
from harness.core.predicates import Adds, At, Exists
from harness.core.probe import Place
from harness.metrics.context.ledger import Cut, Sight
from harness.metrics.context.scene import Scene, Turn


def place(trial: int, turn: int, *, item: str = "rule", distance: int | None = None, model: str = "m", task: str = "") -> Place:
    far = 100 * 2 ** (turn % 9) if distance is None else distance
    return Place(f"t{trial:04}", task or f"task{trial % 5}", "coder", model, item, turn, 1, far, turn / 60)


MANY = [place(trial, turn, item=item) for trial in range(12) for turn in range(1, 50, 3) for item in ("rule", "fact")]


def names(points: object) -> set[tuple[str, str, int]]:
    return {(point.place.trial, point.place.item, point.place.turn) for point in points}  # type: ignore[attr-defined]


@pytest.mark.parametrize("most", [1, 8, 40, 120])
def test_no_more_points_than_asked_for(most: int) -> None:
    """At most so many of each model, and exactly so many where there are enough places."""
    assert len(chosen(MANY, {}, 7, most).points) == most


def test_every_place_is_a_point_where_there_are_few() -> None:
    """A small run is replayed whole, and each point stands for itself."""
    few = MANY[:10]
    found = chosen(few, {}, 7, 40)
    assert names(found.points) == {(each.trial, each.item, each.turn) for each in few}
    assert {point.weight for point in found.points} == {1.0}


def test_bins_of_distance_are_filled_alike() -> None:
    """No bin has two points more than another, as long as it has places; near opportunities are many and far ones few."""
    skewed = [place(trial, turn, distance=120 if turn % 8 else 60_000) for trial in range(12) for turn in range(1, 50)]
    found = chosen(skewed, {}, 1, 40)
    bins = binned(skewed)
    counts = [sum(bins[point.place] == number for point in found.points) for number in range(BINS)]
    assert counts[0] == counts[3] == 20


def test_weights_add_up_to_all_opportunities() -> None:
    """What was chosen with unequal chances stands for what it was chosen from."""
    found = chosen(MANY, {}, 3, 40)
    assert sum(point.weight for point in found.points) == pytest.approx(len(MANY))


def test_the_order_of_reading_has_no_effect() -> None:
    """The same places in any order give the same points; another seed gives others."""
    mixed = random.Random(4).sample(MANY, len(MANY))
    assert chosen(mixed, {}, 7, 40) == chosen(MANY, {}, 7, 40)
    assert names(chosen(MANY, {}, 8, 40).points) != names(chosen(MANY, {}, 7, 40).points)


def test_every_mth_opportunity_of_an_item() -> None:
    """With m given, about one in m of each item is a point whatever its distance."""
    one = [place(1, turn, distance=500) for turn in range(1, 61)]
    found = chosen(one, {}, 2, 10, every=6)
    turns = sorted(point.place.turn for point in found.points if point.how == "every")
    assert len(turns) == 10
    assert {b - a for a, b in pairwise(turns)} == {6}


def test_each_model_has_points_of_its_own() -> None:
    """The number is of each model, so that none goes short."""
    both = [*MANY, *(msgspec.structs.replace(each, model="n") for each in MANY)]
    found = chosen(both, {}, 7, 20)
    assert [sum(point.place.model == model for point in found.points) for model in ("m", "n")] == [20, 20]


def test_what_can_not_be_restored_is_counted_and_compared() -> None:
    """It is never a point, each has its reason, and its medians stand beside those of the points."""
    barred = {("t0003", 10): "1 process that was alive", ("t0004", 13): "its tree is not on record"}
    found = chosen(MANY, barred, 7, 1_000)
    assert {(each.place.trial, each.place.turn): each.why for each in found.excluded} == barred
    assert len(found.excluded) == 4
    assert not {(point.place.trial, point.place.turn) for point in found.points} & set(barred)
    sides = {each.field: each for each in compared(found.points, found.excluded)}
    assert (sides["turn"].excluded, sides["turn"].excluded_n, sides["turn"].kept_n) == (11.5, 4, len(MANY) - 4)


def test_failing_points_are_added_with_a_flag() -> None:
    """They come last, weigh nothing and say why they are there; one that was chosen anyway stays as it was."""
    plain = chosen(MANY, {}, 7, 10)
    known = next(iter(sorted(names(plain.points))))
    extra = next((each.trial, each.item, each.turn) for each in MANY if (each.trial, each.item, each.turn) not in names(plain.points))
    found = chosen(MANY, {}, 7, 10, failed=frozenset({known, extra}))
    assert found.points[:10] == plain.points
    (added,) = found.points[10:]
    assert (added.on_failure, added.weight, names([added])) == (True, 0.0, {extra})


def test_rerolls_go_round_by_round() -> None:
    """Attempts of a cell are all different, and the first round comes before the second."""
    points = numbered(chosen(MANY, {}, 7, 6).points, 3)
    cells: dict[str, list[int]] = {}
    for point in points:
        cells.setdefault(point.place.task, []).extend(point.attempts)
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in cells.values())
    assert all(point.attempts == tuple(sorted(point.attempts)) for point in points)


class Far:
    """A ledger that has seen the item ten tokens ago at every turn."""

    items: ClassVar[dict[str, Item]] = {"rule": Item("rule", "rule", "do", ("do",))}
    cuts: tuple[Cut, ...] = ()

    def sight(self, item: str, turn: int) -> Sight:
        return Sight(item, turn, True, distance=10 * turn, fill=0.5)

    def lost(self, turn: int) -> tuple[str, ...]:
        return ()

    def valid(self, item: str, turn: int) -> bool:
        return True


def a_turn(number: int) -> Turn:
    return Turn(number, number, 1, (), None, 1, (), None, None, None, None, None, None, None, None, (), (), (), "", (), "", None, False, (1, 1))


def a_scene(opportunities: tuple[Opportunity, ...], ledger: object = None, constraints: tuple[Constraint, ...] = ()) -> Scene:
    turns = tuple(a_turn(number) for number in range(1, 40))
    manifest = Manifest(items=tuple(Far.items.values()), constraints=constraints)
    return Scene("t0001", "task", "m", manifest, ModelFacts("", ""), {}, turns, (), ledger or Far(), None, "", Stop.ANSWERED, opportunities)  # type: ignore[arg-type]


def test_turning_every_outcome_round_chooses_the_same_points() -> None:
    """Selection is blind: honoured, repaired, settled and evidence have no say in it, only the place has."""
    lot = random.Random(1)
    went = tuple(Opportunity("rule", turn, "f", lot.random() < 0.5, turn + 2) for turn in range(1, 40))
    other = tuple(Opportunity("rule", each.turn, "g", not each.honoured, each.turn, each.turn + 1, (3,)) for each in went)
    one, two = (chosen(places(a_scene(each), "coder"), {}, 7, 12) for each in (went, other))
    assert one == two
    assert failures(a_scene(went)) != failures(a_scene(other))
    assert "honoured" not in Place.__struct_fields__


def test_what_shows_later_is_replayed_from_where_it_was_in_hand() -> None:
    """An outcome that shows at turn 30 of work begun at turn 24: the place, its distance and its failure are those of turn 24."""
    made = a_scene((Opportunity("rule", 30, "stage 1", False, 30, begun=24), Opportunity("rule", 9, "f", True, 9)))
    assert [(each.turn, each.shows, each.distance) for each in places(made, "coder")] == [(9, 0, 90), (24, 30, 240)]
    assert failures(made) == {("t0001", "rule", 24)}


@pytest.mark.parametrize("honoured", [True, False])
def test_what_could_not_be_told_any_more_is_no_place(honoured: bool) -> None:
    """The trial ended within the grace of a slip, which would not have been told: what was honoured there is no place either."""
    told = tuple(Opportunity("rule", turn, f"f{turn}", honoured, turn) for turn in (36, 37, 38, 39))
    added, ended = (Constraint("rule", Exists("a.py"), occasion) for occasion in (Adds("function", ("**/*.py",)), At(2)))
    assert [each.turn for each in places(a_scene(told, constraints=(added,)), "coder")] == [36, 37]
    assert [each.turn for each in places(a_scene(told, constraints=(ended,)), "coder")] == [36, 37, 38, 39]


class Taken(Far):
    """A server took something at turn 20, and refused aloud at turn 5."""

    cuts = (Cut(5, "A4", None, (), False, "", ()), Cut(20, "A2", 100, (), True, "", ()))


def test_after_a_cut_nobody_knows_whether_the_item_was_in_view() -> None:
    """From the turn of the cut on: no retention is said of it. A refusal took nothing, and what was not in view stays out of it."""
    told = tuple(Opportunity("rule", turn, "f", True, turn) for turn in (6, 19, 20, 30))
    assert [each.visible for each in places(a_scene(told, Taken()), "coder")] == [True, True, None, None]
