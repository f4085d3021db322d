"""How a task reaches an agent: request by request, all at once, or each stage in a repository of its own with a fresh start."""

from __future__ import annotations

import msgspec

from harness.core.errors import PlanError
from harness.core.memory import Constraint, Item, Manifest, Milestone, Move, Stage
from harness.core.predicates import At
from task_repos.staging import wording
from task_repos.staging.checks import checks
from task_repos.staging.dials import Delivery
from task_repos.staging.folders import Folder, folder
from task_repos.staging.manifesting import manifest, step
from task_repos.staging.plan import Staged
from task_repos.staging.playing import Played
from task_repos.staging.telling import Told, standing
from task_repos.staging.work import Tree, Work, use


def delivered(task: Staged, done: Played, delivery: Delivery) -> tuple[Folder, ...]:
    """The folders: one, or one for each stage that is no interlude. Raises PlanError for a delivery that there is not."""
    if delivery == "staged":
        return (_staged(task, done),)
    if delivery == "concat":
        return (_concat(task, done),)
    if delivery == "fresh":
        return tuple(_fresh(task, done, index) for index, work in enumerate(task.works) if not work.interlude)
    raise PlanError("", "delivery", repr(delivery), "staged, concat or fresh")


def texts(task: Staged) -> tuple[str, ...]:
    """The request of every stage."""
    return tuple(_text(task, index) for index in range(len(task.works)))


def _text(task: Staged, index: int) -> str:
    draw, work = task.draw.child(str(index)), task.works[index]
    heads = (wording.first(task.ground, draw, len(task.works)), *(wording.paper(path) for path in task.papers)) if index == 0 else ()
    papered = index == 0 and bool(task.papers)
    lines = [] if papered else [each.telling.text for each in task.told if each.stage == index]
    again = [each.telling.text for each in task.told if each.stage < index and standing(each, task.told, index)] if _rehearsed(task, index) else []
    echoes = [each.telling.text for each in task.told if index in each.again]
    return wording.joined(
        *heads, wording.told(draw, lines), wording.told(draw, again, again=True), wording.echoed(draw.child("echoes"), echoes), wording.asked(work, index + 1, _numbers(task)), wording.closing(draw, work)
    )


def _numbers(task: Staged) -> dict[str, int]:
    return {work.key: number for number, work in enumerate(task.works, start=1)}


def _rehearsed(task: Staged, index: int) -> bool:
    every = task.ground.dials.rehearsal
    return bool(every) and index > 0 and index % every == 0


def _all(task: Staged) -> tuple[int, ...]:
    return tuple(range(len(task.works)))


def _staged(task: Staged, done: Played) -> Folder:
    requests = tuple((step(index), text) for index, text in enumerate(texts(task)))
    moves = tuple(move for stage in done.moves for move in stage)
    return folder(task.name, (task.ground.base, done.trees[-1]), (manifest(task), moves, requests), checks(task, task.ground.base, _all(task)))


def _concat(task: Staged, done: Played) -> Folder:
    """One request that holds all; what was superseded on the way is told once, as it is in the end."""
    whole = manifest(task)
    items = tuple(msgspec.structs.replace(item, since=min(item.since, 1), until=None, supersedes="") for item in whole.items if item.until is None)
    ids = frozenset(item.id for item in items)
    milestones = tuple(each for each in whole.milestones if each.until is None)
    held = frozenset(each.id for each in milestones)
    joined = wording.joined(*(f"# Request {index + 1}\n\n{text.strip()}" for index, text in enumerate(texts(task))))
    moves = tuple(_resting(move, ids) for stage in done.moves for move in stage if not _hands_back(move))
    points = ", ".join(milestone.point for milestone in whole.milestones)
    made = Manifest(
        (Stage("task", "concat"),), items, tuple(_at_end(each) for each in whole.constraints if each.item in ids),
        tuple(_met_at_once(each, ids, held) for each in milestones), whole.family, whole.tier, whole.seed,
    )  # fmt: skip
    last = Move(1, "I hand everything back.", (use("finish", done=points, not_done=""),))
    return folder(f"{task.name}-concat", (task.ground.base, done.trees[-1]), (made, (*moves, last), (("", joined),)), checks(task, task.ground.base, _all(task)))


def _resting(move: Move, ids: frozenset[str]) -> Move:
    """As the turn of one request, upon items of the twin alone."""
    return msgspec.structs.replace(
        move, stage=1, items=tuple(each for each in move.items if each in ids), slips=tuple(each for each in move.slips if each.item in ids)
    )  # fmt: skip


def _met_at_once(milestone: Milestone, ids: frozenset[str], others: frozenset[str]) -> Milestone:
    """As of the one request; it rests on what is asked for there: no item and no earlier point that a later request overturns."""
    items, depends = (tuple(each for each in named if each in known) for named, known in ((milestone.items, ids), (milestone.depends, others)))
    return msgspec.structs.replace(milestone, stage=1, until=None, items=items, depends=depends)


def _hands_back(move: Move) -> bool:
    return any(call.tool == "finish" for call in move.calls)


def _at_end(constraint: Constraint) -> Constraint:
    return msgspec.structs.replace(constraint, occasion=At(1)) if isinstance(constraint.occasion, At) else constraint


def _fresh(task: Staged, done: Played, index: int) -> Folder:
    """One stage upon the solution's state of the stage before, with all that it needs said in its one request."""
    base: Tree = done.trees[index - 1] if index else task.ground.base
    whole, work = manifest(task), task.works[index]
    told = [each for each in task.told if _valid(task, each, index)]
    draw = task.draw.child(f"fresh/{index}")
    text = wording.joined(
        wording.first(task.ground, draw, 1), wording.told(draw, [*(each.telling.text for each in told), *_earlier(task, work)]), wording.asked(work, index + 1, _numbers(task)), wording.closing(draw, work)
    )
    ids = frozenset(each.telling.item.id for each in told)
    items = tuple(_restated(item) for item in whole.items if item.id in ids)
    made = Manifest(
        (Stage("task", work.template),), items, tuple(_at_end(each) for each in whole.constraints if each.item in ids and _within(each, index)),
        tuple(msgspec.structs.replace(each, stage=1, depends=(), until=None) for each in whole.milestones if each.stage == index + 1),
        whole.family, whole.tier, whole.seed,
    )  # fmt: skip
    moves = tuple(msgspec.structs.replace(move, stage=1) for move in done.moves[index] if not (index == 0 and task.papers and move is done.moves[0][0]))
    return folder(f"{task.name}-fresh-{step(index)}", (base, done.trees[index]), (made, moves, (("", text),)), checks(task, base, (index,)))


def _earlier(task: Staged, work: Work) -> list[str]:
    """What earlier stages made that this one builds on: a worker with a fresh start can't know it by its number."""
    made = {each.key: each.made for each in task.works}
    numbers = _numbers(task)
    return [
        f"Point {numbers[key]}.{place + 1} was done before you: its new function is `{made[key][1]}` in `{made[key][0]}`."
        for point in work.points for key, place in point.after if made[key][0]
    ]  # fmt: skip


def _within(constraint: Constraint, index: int) -> bool:
    return not isinstance(constraint.occasion, At) or constraint.occasion.stage == index + 1


def _restated(item: Item) -> Item:
    return msgspec.structs.replace(item, since=1, until=None, exposure="first_request", supersedes="", former=())


def _valid(task: Staged, each: Told, index: int) -> bool:
    """Rules and decisions that hold, and the facts of this stage as they are by then."""
    return standing(each, task.told, index) or (each.used == index and not each.telling.item.id.endswith("_before"))


