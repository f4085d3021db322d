"""Milestones that were worked on and not met because something told earlier was not used; pure.

A milestone that nobody touched is forgotten, not misremembered; one whose point is told as not done is an honest rest; one whose value
stands in the work fails for some other reason; a rule with a constraint is judged by that. None of these is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from harness.core.findings import Reached
from harness.core.memory import Item, Milestone
from harness.metrics.context.done.history import Change, history, text
from harness.metrics.context.done.work import confusing, culprit, former, near, stage_work
from harness.metrics.context.kept.grace import closings
from harness.metrics.context.kept.losses import holds
from harness.metrics.context.kept.placed import scope
from harness.metrics.context.kept.versions import Acted, acted_in, hit, marked, marks
from harness.metrics.context.scene import Scene


class Miss(msgspec.Struct, frozen=True):
    """`turn`: the work that went wrong; `known`: the turn that handed the stage back; `how`: what it shows of a former version, if it does."""

    item: Item
    milestone: str
    stage: int
    turn: int
    known: int
    evidence: tuple[int, ...]
    how: Acted | None


def misses(scene: Scene) -> Iterator[Miss]:
    """In the order of milestones, for each item that one rests upon: stated at an earlier request, or with a former version."""
    items = {item.id: item for item in scene.manifest.items}
    closed, held = closings(scene), outcomes(scene, unknown=True)
    for milestone in scene.manifest.milestones:
        end = closed.get(milestone.stage)
        if end is None or standing(held.get(milestone.id, ()), end) is not False or honest(scene, milestone, end):
            continue
        for name in milestone.items:
            item = items.get(name)
            if item is not None and holds(item, scene, end):
                yield from _missed(scene, milestone, item, end)


def outcomes(scene: Scene, *, unknown: bool = False) -> dict[str, tuple[Reached, ...]]:
    """What is known of each milestone, in order of turns; `unknown`: with looks that could not tell, as the last of which an earlier tree says nothing."""
    found: dict[str, list[Reached]] = {}
    for one in sorted(scene.reached, key=lambda one: one.turn):
        if unknown or one.held is not None:
            found.setdefault(one.milestone, []).append(one)
    return {name: tuple(ones) for name, ones in found.items()}


def standing(ones: tuple[Reached, ...], turn: int) -> bool | None:
    """What was last known by the end of the turn."""
    return next((one.held for one in reversed(ones) if one.turn <= turn), None)


def honest(scene: Scene, milestone: Milestone, turn: int) -> bool:
    """Whether the claim of this turn names the milestone's point among what is not done."""
    claim = scene.turn(turn).claim
    return claim is not None and re.search(rf"(?<![\d.]){re.escape(milestone.point)}(?!\.?\d)", claim.not_done) is not None


def _missed(scene: Scene, milestone: Milestone, item: Item, end: int) -> Iterator[Miss]:
    done = near(stage_work(scene, milestone.stage, end), scope(milestone))
    if not done:
        return
    both = marks(scene, item)
    how = former(acted_in(scene, both, done)) if both else None
    plain = item.kind in ("rule", "observation") or item.since >= milestone.stage
    if item.kind == "rule" and any(one.item == item.id for one in scene.manifest.constraints):
        return
    if how is None and (plain or _told(scene, item, done, end)):
        return
    blamed = (confusing(scene, both, done) if both and how else None) or culprit(scene, milestone.predicate, item.value, done)
    yield Miss(item, milestone.id, milestone.stage, blamed.turn, end, (blamed.seq,), how)


def _told(scene: Scene, item: Item, done: tuple[Change, ...], end: int) -> bool:
    """Whether what it should know stands in the files that were worked on."""
    words = (item.value,) if item.value else item.fingerprints
    patterns = [mark for word in words if (mark := marked(word)) is not None]
    paths = {change.path: change.new for change in done}
    texts = (text(scene, history(scene).at(path, end, oid)) for path, oid in paths.items())
    return any(hit(patterns, words) for words in texts)
