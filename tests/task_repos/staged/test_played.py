"""The solution of every family as detectors see it: everything is met and kept, nothing is found; a worker who lost an item is found out."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.core.predicates import At
from harness.metrics.context.all import findings
from harness.metrics.context.scene import Scene
from task_repos.staging.folders import Folder
from task_repos.staging.work import Tree, played
from tests.task_repos.staged.ground import FAMILIES, Judge, made
from tests.task_repos.staged.staged_scene import scene_of, slipped

TURNED: dict[str, dict[str, str | int]] = {"T5": {"supersession": 3}}


def unmet(scene: Scene) -> list[str]:
    """Milestones that do not hold at the end of their stage."""
    ends = {turn.stage: turn.number for turn in scene.turns if turn.yielded}
    held = {(one.milestone, one.turn): one.held for one in scene.reached}
    return [one.id for one in scene.manifest.milestones if held.get((one.id, ends[one.stage])) is not True]


@pytest.mark.parametrize("family", FAMILIES)
def test_detectors_find_nothing_in_the_solution(family: str) -> None:
    """On two seeds: every milestone is reached at its stage, every constraint has opportunities and all are honoured, no detector speaks."""
    for seed in range(1, 3):
        scene = scene_of(made(family, seed, **TURNED.get(family, {})).folders[0])
        assert unmet(scene) == []
        assert {one.item for one in scene.manifest.constraints} == {one.item for one in scene.opportunities}
        assert all(one.honoured and one.repaired is None for one in scene.opportunities)
        assert findings(scene) == ()


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_detectors_find_nothing_on_twenty_seeds(family: str) -> None:
    """The same on twenty seeds, with all rules and with stages in chains."""
    for seed in range(1, 21):
        for dials in ({}, {"rules": 12, "depth": 3}):
            scene = scene_of(made(family, seed, **TURNED.get(family, {}) | dials).folders[0])
            assert (unmet(scene), findings(scene)) == ([], ()), seed


@pytest.mark.parametrize("delivery", ["concat", "fresh"])
@pytest.mark.parametrize("family", ["T3", "T5"])
def test_detectors_find_nothing_in_the_twins(family: str, delivery: str) -> None:
    """All at once, or each stage alone: met, kept, and nothing found."""
    for folder in made(family, 2, delivery=delivery, **TURNED.get(family, {})).folders:
        scene = scene_of(folder)
        assert (unmet(scene), findings(scene)) == ([], ()), folder.name


@pytest.mark.parametrize("family", [each for each in FAMILIES if each != "T0"])
def test_every_slip_breaks_what_it_says(family: str) -> None:
    """With all rules: whoever lost an item breaks its constraint at that stage, and every other call of the stage still fits."""
    folder = made(family, 3, rules=12, **TURNED.get(family, {})).folders[0]
    judge, tree, seen = Judge(), dict(folder.base), Counter[str]()
    for stage in range(1, len(folder.manifest.stages) + 1):
        moves = tuple(move for move in folder.moves if move.stage == stage)
        for item, how in dict.fromkeys((slip.item, slip.how) for move in moves for slip in move.slips):
            after = played(tree, tuple(call for move in slipped(moves, item, how) for call in move.calls))
            assert broken(folder, (item, stage), after, judge), (stage, item, how)
            seen[item] += 1
        tree = played(tree, tuple(call for move in moves for call in move.calls))
    assert set(seen) == {item.id for item in folder.manifest.items}


def broken(folder: Folder, what: tuple[str, int], tree: Tree, judge: Judge) -> bool:
    """Whether a constraint of the item that is due at the stage does not hold."""
    item, stage = what
    due = [one for one in folder.manifest.constraints if one.item == item and not (isinstance(one.occasion, At) and one.occasion.stage != stage)]
    return any(not judge(one.predicate, tree, folder.base) for one in due)


def test_who_acts_on_what_held_before_is_found_out() -> None:
    """In the review, a worker to whom nothing has changed is found with just that: L1 for the item, at its stage, and nothing else of the kind."""
    folder = made("T5", 1, supersession=3).folders[0]
    former = [(move.stage, slip.item) for move in folder.moves for slip in move.slips if slip.how == "former"]
    assert {item for _, item in former} == {item.id for item in folder.manifest.items if item.former}
    for item in dict.fromkeys(item for _, item in former):
        stage = max(stage for stage, other in former if other == item)
        scene = scene_of(folder, slipped(folder.moves, item, "former", stage))
        found = [each for each in findings(scene) if each.kind[0] in "LCD"]
        assert [(each.kind, each.item, scene.turn(each.turn).stage) for each in found] == [("L1", item, stage)]
