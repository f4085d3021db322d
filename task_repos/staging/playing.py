"""The solution, played stage by stage: every turn with the items it rests on, and what a worker who lost one would do instead."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.core.memory import Move, Slip
from task_repos.staging.plan import Staged
from task_repos.staging.work import Act, Mind, Tree, Work, played, read, shell, use

TESTS: Final = use("run_tests")


class Played(msgspec.Struct, frozen=True):
    """`moves`: of each stage in order; `trees`: what each stage leaves."""

    moves: tuple[tuple[Move, ...], ...]
    trees: tuple[Tree, ...]


def play(task: Staged) -> Played:
    """Raises ValueError where an edit does not fit the tree that the stage before left: a fault of the family."""
    tree: Tree = task.ground.base
    moves, trees = [], []
    for index, work in enumerate(task.works):
        made = _stage(task, work, index, tree)
        tree = played(tree, tuple(call for move in made for call in move.calls))
        moves.append(made)
        trees.append(tree)
    return Played(tuple(moves), tuple(trees))


def whole(task: Staged) -> Mind:
    """A mind that has lost nothing."""
    facts = {each.telling.item.id: each.telling.item.value for each in task.told if each.telling.item.kind != "rule"}
    return Mind(frozenset(rule.id for rule in task.rules), facts)


def lessened(task: Staged) -> list[tuple[str, str, Mind]]:
    """(item, how, mind) for everything that can be lost, or be taken for what it was before."""
    mind = whole(task)
    made: list[tuple[str, str, Mind]] = []
    for item in (each.telling.item for each in task.told if not each.telling.item.id.endswith("_before")):
        if item.kind != "rule":
            made.append((item.id, "violates", Mind(mind.rules, {**mind.values, item.id: None})))
            made += [(item.id, "former", Mind(mind.rules, {**mind.values, item.id: value})) for value in item.former]
        else:
            made.append((item.id, "violates", Mind(mind.rules - {item.id}, mind.values)))
    return made


def _stage(task: Staged, work: Work, index: int, tree: Tree) -> tuple[Move, ...]:
    acts = work.acts(whole(task), tree)
    lost = [(item, how, work.acts(mind, tree)) for item, how, mind in lessened(task)]
    moves = [_move(index + 1, act, [(item, how, other[place]) for item, how, other in lost]) for place, act in enumerate(acts)]
    if index == 0 and task.papers:
        path = task.papers[0]
        call = shell(f"python3 {path}") if path.endswith(".py") else read(path)
        moves.insert(0, Move(1, "First what I am sent to.", (call,)))
    return (*moves, *(Move(index + 1, act.text, act.calls) for act in _ending(work, index + 1)))


def _move(stage: int, act: Act, lost: list[tuple[str, str, Act]]) -> Move:
    slips = tuple(Slip(item, how, other.calls) for item, how, other in lost if other.calls != act.calls)  # type: ignore[arg-type]
    return Move(stage, act.text, act.calls, tuple(dict.fromkeys(slip.item for slip in slips)), slips)


def _ending(work: Work, number: int) -> tuple[Act, ...]:
    if work.interlude:
        return (Act("I hand back what I found.", (use("finish", done=work.closing, not_done=""),)),)
    done = ", ".join(f"{number}.{place}" for place in range(1, len(work.points) + 1))
    return Act("I run the tests.", (TESTS,)), Act("I hand this request back.", (use("finish", done=done, not_done=""),))
