"""The review: what is agreed, overturned, restored and asked; the migration: layers from the leaves upwards."""

from __future__ import annotations

import itertools

import pytest

from harness.core.errors import PlanError
from harness.core.predicates import Constant
from task_repos.staging.families.decisions import script, wordings
from task_repos.staging.families.line import rungs
from task_repos.staging.selfcheck import faults
from tests.task_repos.staged.ground import Judge, made, reward

TURNED = ({"supersession": 1, "exposure": "file"}, {"supersession": 3, "depth": 3}, {"rules": 12, "supersession": 2}, {"stages": 2, "callers": 5}, {"interludes": 2, "distractor_tokens": 600, "rehearsal": 2})
NUMBERS = ((0, 1), (1, 2), (2, 3), (3, 4))
"""(dial, versions told after the first ones that are about signs and words)."""


@pytest.mark.parametrize("family", ["T3", "T5"])
@pytest.mark.parametrize("dials", TURNED, ids=",".join)
def test_every_dial_gives_a_sound_task(family: str, dials: dict[str, str | int]) -> None:
    """Whatever is turned, the task stays sound."""
    turned = {name: value for name, value in dials.items() if family == "T5" or name != "supersession"}
    assert faults(made(family, 11, **turned).folders[0], Judge()) == ()


@pytest.mark.parametrize(("dial", "count"), NUMBERS)
def test_the_dial_says_how_often_a_mind_is_changed(dial: int, count: int) -> None:
    """Notes are always waived and ids changed once; then ids go back, our word for nothing changes, and that goes back, too."""
    items = {item.id: item for item in made("T5", 4, supersession=dial).folders[0].manifest.items if item.kind == "decision"}
    later = [ident for ident in items if ident in ("ids_2", "ids_3", "voids_2", "voids_3")]
    assert len(later) == count
    assert items["notes_2"].former == ("notes/",)
    for ident in (*later, "notes_2"):
        before = items[items[ident].supersedes]
        assert before.until == items[ident].since
        assert items[ident].former == (before.value,)
    if "ids_3" in items:
        assert items["ids_3"].value == items["ids"].value


def test_what_is_agreed_is_cited_and_not_said_again() -> None:
    """A sign stands in the request that agrees on it and in the one that restores it, and in no other; nor in the repository."""
    folder = made("T5", 6, tier="M", supersession=3).folders[0]
    items = {item.id: item for item in folder.manifest.items}
    for first, back in (("ids", "ids_3"), ("voids", "voids_3")):
        told = [number for number, (_, text) in enumerate(folder.requests, start=1) if items[first].value in text]
        assert told == [items[first].since, items[back].since]
        assert not any(items[first].value in text for text in folder.base.values())
    assert sum("agreed for ids" in text for _, text in folder.requests) >= 10


def test_at_each_later_stage_somebody_may_act_as_before() -> None:
    """Wherever a changed decision holds, the solution has a slip upon what held before it."""
    folder = made("T5", 3, tier="M", supersession=3).folders[0]
    slips = {(slip.item, move.stage) for move in folder.moves for slip in move.slips if slip.how == "former"}
    working = {each.stage for each in folder.manifest.milestones}
    for item in (each for each in folder.manifest.items if each.former):
        held = {stage for stage in working if item.since <= stage and (item.until is None or stage < item.until)}
        assert held == {stage for other, stage in slips if other == item.id}


def test_what_was_made_before_is_judged_by_what_held_then() -> None:
    """A reworked point need not hold from the request that overturns it; in its place another value is asked of the same constant."""
    folder = made("T5", 2, supersession=3).folders[0]
    ended = [each for each in folder.manifest.milestones if each.until is not None]
    assert len(ended) >= 2
    for each in ended:
        heirs = [one for one in folder.manifest.milestones if each.id in one.depends and one.stage == each.until]
        assert heirs
        assert all(isinstance(one.predicate, Constant) for one in heirs)
        assert not Judge()(each.predicate, folder.final, folder.base)


@pytest.mark.parametrize(("topic", "number"), [("ids", 2), ("ids", 3), ("voids", 2), ("voids", 3), ("notes", 2)])
def test_both_wordings_are_met_and_solved(topic: str, number: int) -> None:
    """Each of two paraphrases is drawn by some seed, is no line of the other, and the solution of its task is sound."""
    seen: dict[int, int] = {}
    for seed in range(24):
        folder = made("T5", seed, supersession=3).folders[0]
        item = next(each for each in folder.manifest.items if each.id == f"{topic}_{number}")
        place = wordings(topic, number, item.value).index(item.text)
        if place not in seen:
            assert faults(folder, Judge()) == ()
            seen[place] = seed
        if len(seen) == 2:
            break
    assert set(seen) == {0, 1}


def test_the_question_for_the_files_is_answered_by_what_is_so() -> None:
    """What the solution hands back names just the files that differ by then, also where stages are chained and rules add files."""
    for seed, dials in ((1, {}), (2, {"rules": 12, "depth": 2, "supersession": 3})):
        task = made("T5", seed, **dials)
        stage = next(number for number, each in enumerate(task.folders[0].manifest.stages, start=1) if each.template == "question")
        before, base = task.played.trees[stage - 2], task.task.ground.base
        differ = sorted(path for path in before if before[path] != base.get(path))
        assert task.task.works[stage - 1].closing == f"changed or added: {', '.join(differ)}"
        assert task.played.trees[stage - 1] == before


def test_too_few_stages_for_the_changes_are_refused() -> None:
    """One sentence names the dial; what can be placed never falls upon the question, and a topic changes once at a time."""
    with pytest.raises(PlanError) as caught:
        made("T5", 1, stages=2, supersession=3)
    assert caught.value.complaint.field == "supersession"
    for stages, marks, turned in itertools.product(range(6, 33), range(4), range(4)):
        plan = script(stages, marks, turned)
        assert all(0 < stage < stages and stage != plan.question for _, stage in plan.turns)
        for topic in ("ids", "voids"):
            places = [stage for other, stage in plan.turns if other == topic]
            assert places == sorted(set(places))


def test_layers_come_from_the_leaves_upwards() -> None:
    """Whoever stands upon another function migrates after it, on every seed; where columns stand among one another differs by seed."""
    orders = set()
    for seed in range(12):
        task = made("T3", seed)
        found = rungs(task.task.ground.graph)
        order = [int(work.key.partition(":")[2]) for work in task.task.works]
        for index, rung in found.items():
            assert rung.below is None or order.index(rung.below.index) < order.index(index)
            assert rung.below is None or rung.below.module < rung.target.module
        orders.add(tuple(found[index].column for index in order))
    assert len(orders) > 4


@pytest.mark.parametrize("family", ["T3", "T5"])
def test_stages_stand_at_every_place(family: str) -> None:
    """Over as many seeds in a row as there are stages, each function stands once at every place of the review, and each column as often of the migration."""
    rows = [[work.key for work in made(family, seed, rules=0).task.works] for seed in range(40, 46)]
    if family == "T5":
        assert all(len({row[place] for row in rows} - {"review:question"}) in (0, 6) for place in range(6))
    for row in rows:
        assert len(set(row)) == 6


@pytest.mark.parametrize("family", ["T3", "T5"])
def test_visible_tests_pass_after_every_stage(family: str, tmp_path: object) -> None:
    """The repository's own tests pass before anything is done and at the end of each stage: so says the verifier of each stage alone."""
    for folder in made(family, 5, delivery="fresh", stages=3).folders:
        assert reward(folder, folder.final, tmp_path / folder.name) == "1"  # type: ignore[operator]
