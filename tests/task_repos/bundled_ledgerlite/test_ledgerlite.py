"""The handcrafted staged task: its requests, rules, facts and points; its solution by moves and at once; wrong ends that its checks notice."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from harness.cli.context.scenes import held_by
from harness.core.predicates import At
from harness.engine.aids import open_points
from harness.metrics.context.all import findings
from harness.metrics.context.scene import Scene
from task_repos.memory_checks import holds, matches
from task_repos.staging.folders import Folder
from task_repos.staging.work import played
from tests.task_repos.bundled_ledgerlite.ground import FOLDER, asked_of, base, final, graded, held, hidden, task, trees
from tests.task_repos.bundled_ledgerlite.mutants import EQUIVALENTS, MUTANTS, Swap
from tests.task_repos.staged.staged_scene import scene_of

CASES = [pytest.param(point, number, marks=() if number == 0 and place % 4 == 0 else pytest.mark.long, id=f"{point}-{number}")
         for place, (point, every) in enumerate(MUTANTS.items()) for number in range(len(every))]  # fmt: skip
"""A slice of them every day."""


def swapped(swaps: tuple[Swap, ...]) -> dict[str, str]:
    """The solution's end with passages replaced, each of which stands there once."""
    tree = dict(final())
    for path, old, new in swaps:
        assert tree[path].count(old) == 1, (path, old)
        tree[path] = tree[path].replace(old, new)
    return tree


def test_it_is_what_it_was_asked_to_be() -> None:
    """Twenty requests of 5 to 25 lines, three chains of supersession (one of them a waiver), three facts told once and used late, rules of several manners."""
    memory = task().memory
    assert memory is not None
    assert len(memory.stages) == len(task().brief.requests) == 20
    assert [stage.request for stage in memory.stages if stage.interlude] == ["s06"]
    assert all(3 <= len(request.text.splitlines()) <= 30 for request in task().brief.requests)
    assert {item.supersedes for item in memory.items} - {""} == {"api-old", "rounding", "changelog"}
    rules = [item for item in memory.items if item.kind == "rule"]
    assert {"prohibition", "rehearsed", "procedure"} <= {item.manner for item in rules}
    assert 6 <= len({item.id for item in rules} - {"changelog"}) <= 8
    facts = {item.id: item for item in memory.items if item.kind == "fact"}
    used = {c.item: c.occasion.stage for c in memory.constraints if c.item in facts and isinstance(c.occasion, At)}
    assert all(used[name] - facts[name].since >= 13 for name in facts)
    assert all(not any(item.value in text for text in base().values()) for item in facts.values())


def test_each_fact_is_told_in_one_request() -> None:
    """Nowhere else do its words stand, so that it must be kept in mind."""
    memory = task().memory
    assert memory is not None
    for item in memory.items:
        if item.kind == "fact":
            told = [k for k, request in enumerate(task().brief.requests, 1) if any(matches(each, request.text) for each in item.fingerprints)]
            assert told == [item.since], item.id


def test_moves_and_script_lead_to_the_same_end(tmp_path: Path) -> None:
    """Turn by turn through the public tools, or laid at once by solve.sh: the same files."""
    assert dict(trees()[-1]) == dict(final())
    work = tmp_path / "work"
    subprocess.run(["cp", "-R", str(FOLDER / "environment" / "repo"), str(work)], check=True)
    subprocess.run(["bash", str(FOLDER / "solution" / "solve.sh")], env={"WORKSPACE": str(work), "PATH": "/usr/bin:/bin"}, check=True)
    laid = {path.relative_to(work).as_posix(): path.read_text("utf-8") for path in work.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert laid == dict(final())


def test_points_are_met_from_their_request_on_and_not_before() -> None:
    """By parsing alone where parsing can tell: unmet at the beginning or before its request only by tests, never broken later."""
    memory = task().memory
    assert memory is not None
    for one in memory.milestones:
        for stage in range(one.stage, len(trees())):
            assert held(one.predicate, trees()[stage], tested=True) is True, (one.id, stage)
        assert held(one.predicate, trees()[one.stage - 1], tested=False) is False, one.id


def test_constraints_hold_along_the_solution() -> None:
    """At the end of each request for which their item holds."""
    memory = task().memory
    assert memory is not None
    items = {item.id: item for item in memory.items}
    for one in memory.constraints:
        stages = [one.occasion.stage] if isinstance(one.occasion, At) else range(1, len(trees()))
        for stage in stages:
            if holds(items[one.item], stage):
                assert held(one.predicate, trees()[stage]) is True, (one.item, stage)


def test_every_slip_breaks_its_rule_at_once() -> None:
    """What a worker would do who has lost an item is seen by a constraint of that item; each item has a slip."""
    memory = task().memory
    assert memory is not None
    tree, seen = dict(base()), set()
    for move in task().moves:
        for slip in move.slips:
            due = [c for c in memory.constraints if c.item == slip.item and (not isinstance(c.occasion, At) or c.occasion.stage == move.stage)]
            after = played(tree, slip.calls)
            assert any(held(c.predicate, after) is False for c in due), (slip.item, move.stage)
            seen.add(slip.item)
        tree = played(tree, move.calls)
    assert seen == {item.id for item in memory.items}


def lived() -> Scene:
    """The moves as detectors read them, where no test was run over any tree."""
    one = task()
    assert one.memory is not None
    requests = tuple((request.id, request.text) for request in one.brief.requests)
    return scene_of(Folder("ledgerlite", {}, base(), final(), one.memory, one.moves, requests))


def test_a_fresh_view_calls_open_what_is_worked_on_and_not_what_was_handed_back() -> None:
    """Though no test was run: at the nineteenth request its own points, and none of the forty before them."""
    scene = lived()
    at = next(turn.number for turn in scene.turns if turn.stage == 19 and turn.calls)
    assert open_points(scene.manifest, 19, held_by(scene, at)) == ("19.1", "19.2")


def test_who_forgets_nothing_is_told_of_no_loss_though_no_test_was_run() -> None:
    """Points that take tests stay open: that they were not met when their request began is no finding of the work that was handed back."""
    scene = lived()
    assert any(each.held is None for each in scene.reached)
    assert [each.name for each in findings(scene) if each.kind[0] in "BCDGHIKL"] == []


def test_base_fails_what_it_must(tmp_path: Path) -> None:
    """Before anything is done every FAIL_TO_PASS test fails and every PASS_TO_PASS test passes, and nothing else runs."""
    found = hidden(base(), tmp_path)
    assert sorted(name for name, passed in found.items() if not passed) == sorted(graded()["fail_to_pass"])
    assert sorted(name for name, passed in found.items() if passed) == sorted(graded()["pass_to_pass"])


def test_solution_passes_everything(tmp_path: Path) -> None:
    """After the last request all graded tests pass."""
    found = hidden(final(), tmp_path)
    assert set(found) == {*graded()["fail_to_pass"], *graded()["pass_to_pass"]}
    assert all(found.values())


@pytest.mark.parametrize(("point", "number"), CASES)
def test_wrong_ends_are_noticed(point: str, number: int, tmp_path: Path) -> None:
    """The point's predicate says no, by parsing or by its hidden tests."""
    memory = task().memory
    assert memory is not None
    predicate = next(one.predicate for one in memory.milestones if one.id == point)
    tree = swapped(MUTANTS[point][number])
    if held(predicate, tree, tested=True) is False:
        return
    ids = [name for every in asked_of(predicate) for name in every]
    found = hidden(tree, tmp_path, *ids)
    assert not all(found.get(name, False) for name in ids)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.long if place else ()) for place, name in enumerate(EQUIVALENTS)])
def test_other_honest_ends_pass(name: str, tmp_path: Path) -> None:
    """Refactored alike: every point is met, every rule kept, every graded test passes."""
    memory = task().memory
    assert memory is not None
    tree = swapped(EQUIVALENTS[name])
    assert [one.id for one in memory.milestones if held(one.predicate, tree, tested=True) is not True] == []
    late = [c for c in memory.constraints if not (isinstance(c.occasion, At) and c.item == "api-old") and c.item not in ("changelog", "api-old")]
    assert [c.item for c in late if held(c.predicate, tree) is not True] == []
    assert all(hidden(tree, tmp_path).values())


def test_every_point_has_two_wrong_ends() -> None:
    """And there is no other."""
    memory = task().memory
    assert memory is not None
    assert set(MUTANTS) == {one.id for one in memory.milestones}
    assert min(len(every) for every in MUTANTS.values()) >= 2


def test_items_weigh_one_and_select_each_hidden_test_once() -> None:
    """Weights add up to one; every hidden test belongs to one item; each request that asks for something has one."""
    table = tomllib.loads((FOLDER / "tests" / "longhaul.toml").read_text("utf-8"))
    selected = [name for item in table["item"] for name in item["select"]]
    assert sorted(selected) == sorted(name for names in graded().values() for name in names if "/hidden/" in name)
    assert sum(item["weight"] for item in table["item"]) == pytest.approx(1)
    asking = [f"stage-{stage['step'][1:]}" for stage in table["stage"] if not stage.get("interlude")]
    assert asking == [item["id"] for item in table["item"] if item["id"].startswith("stage-")]


def test_the_repository_gives_nothing_away() -> None:
    """No file of it names what later requests bring."""
    text = "\n".join(base().values())
    for word in ("record_transfer", "skip_invalid", "Receipt", "tests/hidden", "round_fee", "north-desk"):
        assert word not in text
