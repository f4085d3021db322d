"""The manifest of a staged task: items, constraints and milestones with their numbers."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.predicates import At
from task_repos.staging.plan import PER_STAGE, Staged
from task_repos.staging.sleepers import check
from task_repos.staging.telling import Told, changes
from task_repos.staging.work import Work


def step(index: int) -> str:
    """The name of a stage's step, from its index."""
    return f"s{index + 1:02d}"


def manifest(task: Staged) -> Manifest:
    """Of the task as it is delivered request by request."""
    stages = tuple(Stage(step(index), work.template, work.interlude, _distance(task, index)) for index, work in enumerate(task.works))
    replaced = changes(list(task.told))
    items = tuple(_item(each, replaced) for each in task.told)
    return Manifest(
        stages, items, tuple(constraint for each in task.told for constraint in _constraints(task, each)),
        tuple(milestone for index, work in enumerate(task.works) for milestone in _milestones(task, work, index)),
        task.family.id, task.tier, task.ground.seed,
    )  # fmt: skip


def _distance(task: Staged, index: int) -> int | None:
    """What lies between the earliest statement that the stage needs and the stage, by the plan."""
    told = [each.stage for each in task.told if each.used == index and not each.telling.item.id.endswith("_before")]
    return sum(task.ground.dials.distractor_tokens if work.interlude else PER_STAGE[task.tier] for work in task.works[min(told) : index]) if told else None


def _item(each: Told, replaced: Mapping[str, tuple[str, int]]) -> Item:
    item, after = each.telling.item, replaced.get(each.telling.item.id)
    since = 0 if item.exposure == "file" else each.stage + 1
    return msgspec.structs.replace(item, since=since, until=after[1] + 1 if after else None)


def _constraints(task: Staged, each: Told) -> tuple[Constraint, ...]:
    item = each.telling.item
    if item.kind == "fact":
        if item.id.endswith("_before") or each.used is None:
            return ()
        return (Constraint(item.id, check(task.ground.graph.package, item.value), At(each.used + 1)),)
    return tuple(Constraint(item.id, predicate, occasion) for predicate, occasion in each.telling.checks if occasion is not None)


def _milestones(task: Staged, work: Work, index: int) -> tuple[Milestone, ...]:
    places = {each.key: place for place, each in enumerate(task.works)}
    return tuple(
        Milestone(
            f"{step(index)}.{number}", f"{index + 1}.{number}", index + 1, point.predicate, point.scope, point.items,
            tuple(f"{step(places[key])}.{place + 1}" for key, place in point.after), places[point.until] + 1 if point.until else None,
        )
        for number, point in enumerate(work.points, start=1)
    )  # fmt: skip
