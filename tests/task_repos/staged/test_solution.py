"""Generated tasks can be solved, each wrong solution is seen, and nothing in them contradicts itself."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from harness.core.predicates import Constant, Defines, Every
from harness.metrics.context.recalled import Question, blanked, score
from task_repos.folder import read_task
from task_repos.staged import write
from task_repos.staging.selfcheck import faults
from tests.task_repos.staged.ground import FAMILIES, Judge, made, mutated, reward

TURNED = (
    {"exposure": "file"}, {"exposure": "tool", "recoverable": "on_disk"}, {"exposure": "request", "supersession": 1, "distance": "7k"},
    {"recoverable": "derivable", "distractors": "lures", "rehearsal": 2}, {"distractors": "near", "interludes": 2, "distractor_tokens": 600},
    {"depth": 3}, {"rules": 0}, {"rules": 12, "habit": "counter"}, {"rules": 8, "habit": "aligned"}, {"stages": 2, "callers": 5},
)  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_the_solution_meets_all_that_is_asked(family: str) -> None:
    """On ten seeds: the oracle meets every milestone and constraint, uses items while they hold, and every stage asks for something."""
    for seed in range(10):
        assert faults(made(family, seed).folders[0], Judge()) == (), seed


@pytest.mark.parametrize("dials", TURNED, ids=",".join)
def test_every_dial_gives_a_sound_task(dials: dict[str, str | int]) -> None:
    """Whatever is turned, the task stays sound."""
    assert faults(made("T6", 11, **dials).folders[0], Judge()) == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_wrong_solutions_are_seen(family: str) -> None:
    """Every milestone has two wrong end states at the least, and its predicate sees through each."""
    task, judge = made(family, 5, depth=2), Judge()
    folder = task.folders[0]
    milestones = {each.id: each for each in folder.manifest.milestones}
    counted = dict.fromkeys(milestones, 0)
    for ident, mutant in task.mutants():
        tree = mutated(folder.final, mutant.files)
        assert tree != dict(folder.final), (ident, mutant.name)
        assert not judge(milestones[ident].predicate, tree, folder.base), (ident, mutant.name)
        counted[ident] += 1
    assert min(counted.values()) >= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_the_hidden_tests_agree(family: str, tmp_path: Path) -> None:
    """The folder's own verifier rewards the solution, not the beginning and not a wrong end state of each kind."""
    task = made(family, 3, stages=2, files=8)
    folder = task.folders[0]
    assert reward(folder, folder.final, tmp_path / "final") == "1"
    assert reward(folder, folder.base, tmp_path / "base") == "0"
    for place, (_, mutant) in enumerate(task.mutants()[:4:2]):
        assert reward(folder, mutated(folder.final, mutant.files), tmp_path / str(place)) == "0", mutant.name


@pytest.mark.parametrize("dials", [{"exposure": "tool", "rules": 12, "depth": 2}, {"distractors": "near", "interludes": 1, "recoverable": "on_disk"}], ids=["tool", "near"])
def test_the_hidden_tests_agree_whatever_is_turned(dials: dict[str, str | int], tmp_path: Path) -> None:
    """What dials lay into the repository is no trouble to the verdict."""
    folder = made("T6", 3, stages=2, **dials).folders[0]
    assert reward(folder, folder.final, tmp_path) == "1"


@pytest.mark.parametrize("delivery", ["concat", "fresh"])
def test_twins_are_sound(delivery: str) -> None:
    """All at once, or each stage from the solution's state with all that it needs said: sound in themselves."""
    folders = made("T6", 4, delivery=delivery).folders
    assert len(folders) == (1 if delivery == "concat" else 6)
    for folder in folders:
        assert faults(folder, Judge()) == (), folder.name
        assert [step for step, _ in folder.requests] == [""]


def test_a_fresh_twin_begins_where_the_solution_stood() -> None:
    """Each task of the twin ends where the next begins, and says the values that its stage needs."""
    folders = made("T6", 4, delivery="fresh").folders
    assert all(before.final == after.base for before, after in itertools.pairwise(folders))
    for folder in folders:
        facts = [item for item in folder.manifest.items if item.kind == "fact"]
        assert facts
        assert all(item.value in folder.requests[0][1] for item in facts)


def test_nothing_can_be_guessed_or_found() -> None:
    """A fact has ten symbols or more, stands in one request alone, and in no file of the repository."""
    folder = made("T6", 8).folders[0]
    for item in folder.manifest.items:
        if item.kind == "fact":
            assert re.fullmatch(r"[A-Z]{6,}-\d{4}", item.value)
            assert sum(item.value in text for _, text in folder.requests) == 1
            assert not any(item.value in text for text in folder.base.values())


def test_a_worker_who_lost_an_item_acts_otherwise() -> None:
    """Slips cover every rule and fact of a task, and one upon a former value uses that."""
    folder = made("T6", 2, tier="M", supersession=2, distance="20k").folders[0]
    slips = {(slip.item, slip.how) for move in folder.moves for slip in move.slips}
    assert {item for item, how in slips if how == "violates"} == {item.id for item in folder.manifest.items if not item.id.endswith("_before")}
    old = {item.id: item.former[0] for item in folder.manifest.items if item.former}
    assert len(old) == 2
    for move in folder.moves:
        for slip in move.slips:
            if slip.how == "former":
                assert any(old[slip.item] in call.arguments for call in slip.calls)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_item_can_be_asked_for(family: str) -> None:
    """Each item's value stands in its text, so that a question can leave it out, and an answer with it is right."""
    for dials in ({}, {"rules": 12}, {"rules": 12, "habit": "aligned"}, {"rules": 12, "habit": "counter"}):
        for seed in range(6):
            for item in made(family, seed, **dials).folders[0].manifest.items:
                question = Question("literal", item.id, blanked(item), (item.value,))
                assert question.text, item
                assert item.value not in question.text
                assert score(question, [json.dumps({"answer": item.value})]).outcome == "right"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_prohibition_can_be_broken_at_every_opportunity(family: str) -> None:
    """Each turn that edits the package has a slip for each prohibition among the rules."""
    for seed in range(3):
        folder = made(family, seed, rules=12, depth=2).folders[0]
        package = next(path for path in folder.base if path.endswith("/errors.py")).partition("/")[0]
        forbidden = {item.id for item in folder.manifest.items if item.kind == "rule" and item.manner == "prohibition"}
        assert len(forbidden) == (4 if folder.manifest.items else 0)
        for move in folder.moves:
            if any(f'"path": "{package}/' in call.arguments for call in move.calls if call.tool != "read"):
                assert forbidden <= {slip.item for slip in move.slips}, (seed, move.text)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("delivery", ["staged", "concat", "fresh"])
def test_folders_name_nothing_that_is_not_there(family: str, delivery: str, tmp_path: Path) -> None:
    """Whatever a manifest or a move names, its folder has: the reader takes it, and no item stands for one that is gone."""
    for seed in range(4):
        for number, folder in enumerate(made(family, seed, delivery=delivery, **({} if family == "T0" else {"supersession": 1, "depth": 2})).folders):
            write(folder, tmp_path / str(seed) / str(number))
            memory = read_task(tmp_path / str(seed) / str(number), {}, "").memory
            assert memory is not None
            items, milestones = {item.id for item in memory.items}, {each.id for each in memory.milestones}
            assert {item.supersedes for item in memory.items} <= items | {""}
            assert {name for each in memory.milestones for name in each.depends} <= milestones
            assert {name for move in folder.moves for name in (*move.items, *(slip.item for slip in move.slips))} <= items


def test_stages_stand_at_every_place_once() -> None:
    """Over as many seeds in a row as there are stages, each kind of work stands once at every place: a Latin square."""
    rows = [[work.key for work in made("T1", seed).task.works] for seed in range(40, 46)]
    assert all(len({row[place] for row in rows}) == 6 for place in range(6))
    assert all(len(set(row)) == 6 for row in rows)


def test_the_words_vary_and_the_points_do_not() -> None:
    """Paraphrases are drawn; what is asked is numbered the same way throughout."""
    texts = [text for seed in range(4) for _, text in made("T1", seed).folders[0].requests]
    assert len({text.splitlines()[-1] for text in texts}) == 3
    for _, text in (request for seed in range(2) for request in made("T1", seed).folders[0].requests[1:]):
        assert re.findall(r"\*\*(\d)\.(\d)\*\*", text)[:3] == [(number, place) for number in re.findall(r"\*\*(\d)\.1\*\*", text) for place in "123"]


def test_the_control_keeps_nothing_in_mind() -> None:
    """T0 has no item at all, and says each value where it is used."""
    folder = made("T0", 6, tier="M").folders[0]
    assert folder.manifest.items == ()
    values = [each.predicate.of[0].value.strip('"') for each in folder.manifest.milestones if isinstance(each.predicate, Every) and isinstance(each.predicate.of[0], Constant)]
    assert values
    assert all(sum(value in text for _, text in folder.requests) == 1 for value in values)
    assert any(isinstance(each.predicate, Every) and isinstance(each.predicate.of[0], Defines) for each in folder.manifest.milestones)


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_a_hundred_seeds(family: str, tmp_path: Path) -> None:
    """On a hundred seeds the oracle is rewarded by the hidden tests and sound by the predicates."""
    for seed in range(100):
        folder = made(family, seed).folders[0]
        assert faults(folder, Judge()) == (), seed
        assert reward(folder, folder.final, tmp_path / str(seed)) == "1", seed
