"""Stages of generated tasks change places: the solution stays silent, and a slip in a stage is told there, wherever the stage stands.

Whole tasks are made anew of the same stages in another order: requests with their numbers, points, manifest, the worker's turns upon the
trees as they then are. The first two stages stay: whoever has not kept a rule twice has not lost it, and facts are told in the first
request. What may differ besides is named in test_permuted.py. Where a stage stands upon another (T3, T5), the law does not hold, and must not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec
import pytest

from harness.core.memory import Move
from harness.metrics.context.all import findings
from task_repos.staging.delivery import delivered
from task_repos.staging.folders import Folder
from task_repos.staging.plan import Staged
from task_repos.staging.playing import play
from tests.metrics.context.detectors.unplaced import Told, unplaced
from tests.task_repos.staged.ground import made
from tests.task_repos.staged.staged_scene import scene_of

Slips = tuple[tuple[int, str], ...]
"""(index of the stage as the seed has it, what goes wrong there)."""
HERE = (0, 1, 2, 3, 4, 5)
SWAPPED, TURNED = (0, 1, 4, 3, 2, 5), (0, 1, 5, 4, 2, 3)
LOST = {
    "T0": ((2, "looks twice", "E1"), (3, "edits what is gone", "G4"), (4, "passes over the callers", "H1")),
    "T1": ((2, "header", "C1"), (4, "locked", "C1"), (5, "mark1", "C3")),
    "T6": ((2, "code5", "D1"), (3, "frozen", "C1"), (4, "decorator", "C1")),
}
"""Family -> (index of the stage, what goes wrong there, the root that tells it). T0 has nothing to keep in mind."""


@lru_cache(maxsize=4)
def task_of(family: str) -> Staged:
    return made(family, 2).task


def exchanged(task: Staged, order: Sequence[int]) -> tuple[tuple[str, ...], Folder]:
    """The names of the stages in this order, and the task that asks for them so."""
    assert all(one.stage == 0 and not one.again for one in task.told)
    told = tuple(msgspec.structs.replace(one, used=None if one.used is None else order.index(one.used)) for one in task.told)
    other = msgspec.structs.replace(task, works=tuple(task.works[index] for index in order), told=told)
    return tuple(work.key for work in other.works), delivered(other, play(other), "staged")[0]


def spoilt(moves: tuple[Move, ...], stage: int, how: str) -> tuple[Move, ...]:
    """The moves of a worker who goes wrong in this stage alone: who lost an item, or as a stage without items can."""
    at = next(index for index, move in enumerate(moves) if move.stage == stage)
    match how:
        case "passes over the callers":
            return (*moves[: at + 3], msgspec.structs.replace(moves[at + 3], calls=()), *moves[at + 4 :])
        case "looks twice":
            return (*moves[: at + 2], moves[at + 1], *moves[at + 2 :])
        case "edits what is gone":
            return (*moves[: at + 3], moves[at + 2], *moves[at + 3 :])
    slips = {index: slip for index, move in enumerate(moves) if move.stage == stage for slip in move.slips if slip.item == how}
    assert slips, f"nothing of stage {stage} rests upon {how}"
    return tuple(msgspec.structs.replace(move, calls=slips[index].calls) if index in slips else move for index, move in enumerate(moves))


def told(family: str, order: Sequence[int], slips: Slips = ()) -> list[Told]:
    keys, folder = exchanged(task_of(family), order)
    moves = folder.moves
    for stage, how in slips:
        moves = spoilt(moves, order.index(stage) + 1, how)
    scene = scene_of(folder, moves)
    return unplaced(findings(scene), scene, keys)


def plain(family: str, found: Sequence[Told]) -> list[tuple[int, str]]:
    """(index of the stage, kind) of roots, each once."""
    keys = [work.key for work in task_of(family).works]
    return sorted({(keys.index(one.turn[0]), one.kind) for one in found if not one.root})


def test_the_solution_of_another_order_is_silent() -> None:
    """Four stages that change places are still met, one after the other, and keep what they kept."""
    assert told("T1", TURNED) == []


@pytest.mark.parametrize(("family", "order"), [("T0", TURNED), ("T1", SWAPPED), ("T6", TURNED)])
def test_a_slip_is_told_in_its_stage_wherever_that_stands(family: str, order: tuple[int, ...]) -> None:
    """Something else goes wrong in each of three stages: the same findings, turn for turn, with the same roots, and nothing of other stages."""
    slips = tuple((stage, how) for stage, how, _ in LOST[family])
    found = told(family, HERE, slips)
    assert plain(family, found) == [(stage, kind) for stage, _, kind in LOST[family]]
    assert told(family, order, slips) == found


def test_stages_that_stand_upon_each_other_do_not_change_places_unseen() -> None:
    """In the family of layers a stage awaits what an earlier one made: before that, its import leads nowhere. So the exchange is a real one."""
    assert told("T3", HERE) == []
    assert {one.kind for one in told("T3", TURNED)} == {"I1"}
