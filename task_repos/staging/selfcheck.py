"""What must hold of every generated task before anybody is asked anything; what judges predicates is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from harness.core.memory import Item
from harness.core.predicates import At, Predicate
from task_repos.staging.folders import Folder
from task_repos.staging.work import Tree, played

Held: TypeAlias = Callable[[Predicate, Tree, Tree], bool]
"""(predicate, tree, the tree that the agent began with) -> whether it holds."""


def faults(folder: Folder, held: Held) -> tuple[str, ...]:
    """One sentence for each thing that is wrong; () for a sound task."""
    return (*_structure(folder), *_validity(folder), *_secrets(folder), *_solution(folder, held))


def _structure(folder: Folder) -> Iterator[str]:
    asked = {milestone.stage for milestone in folder.manifest.milestones}
    for number, stage in enumerate(folder.manifest.stages, start=1):
        if (number in asked) == stage.interlude:
            yield f"stage {number}: {'a milestone in an interlude' if stage.interlude else 'no milestone'}"
    constrained = {constraint.item for constraint in folder.manifest.constraints}
    for move in folder.moves:
        for item in move.items:
            if item in constrained and item not in {slip.item for slip in move.slips}:
                yield f"stage {move.stage}: rests on {item} without a slip"


def _validity(folder: Folder) -> Iterator[str]:
    items = {item.id: item for item in folder.manifest.items}
    uses = [(move.stage, name) for move in folder.moves for name in move.items]
    uses += [(milestone.stage, name) for milestone in folder.manifest.milestones for name in milestone.items]
    for stage, name in uses:
        if not _valid(items[name], stage):
            yield f"stage {stage}: uses {name}, which does not hold there"


def _valid(item: Item, stage: int) -> bool:
    return item.since <= stage and (item.until is None or stage < item.until)


def _secrets(folder: Folder) -> Iterator[str]:
    """A fact that can't be recovered stands in no file of the repository."""
    for item in folder.manifest.items:
        if item.kind == "fact" and item.recoverable == "no":
            yield from (f"{item.id} stands in {path}" for path, text in folder.base.items() if item.value in text)


def _solution(folder: Folder, held: Held) -> Iterator[str]:
    for milestone in folder.manifest.milestones:
        if milestone.until is None and not held(milestone.predicate, folder.final, folder.base):
            yield f"milestone {milestone.id}: the solution does not meet it"
        if held(milestone.predicate, folder.base, folder.base):
            yield f"milestone {milestone.id}: met before anything is done"
    tree: Tree = folder.base
    for stage in range(1, len(folder.manifest.stages) + 1):
        tree = played(tree, tuple(call for move in folder.moves if move.stage == stage for call in move.calls))
        yield from _standing(folder, tree, stage, held)
    if dict(tree) != dict(folder.final):
        yield "the moves do not lead to the solution's end"


def _standing(folder: Folder, tree: Tree, stage: int, held: Held) -> Iterator[str]:
    """Constraints hold at the end of every stage, those of one stage at the end of that."""
    for constraint in folder.manifest.constraints:
        due = constraint.occasion.stage == stage if isinstance(constraint.occasion, At) else True
        if due and not held(constraint.predicate, tree, folder.base):
            yield f"stage {stage}: the solution breaks {constraint.item}"
