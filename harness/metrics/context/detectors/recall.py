"""Detects facts and decisions that a later step needed and did not use, or used wrongly (D1).

Inputs: constraints with one occasion on an item that is no rule (its outcome is the use probe's); milestones that name such items and
were not met when their request was handed back, although their files were worked on, with the item's value nowhere in them; the
ledger's sight. The probes that ask the model (D2, D3) are scored by `recalled`, not here. Work on a former version is for `superseded`.

Known false positives: a milestone missed for another reason by work that never came to the value; a value written in a form that its
text does not show (computed, encoded) under a predicate that does not fold it.
Scorecard: found D1 280 of 280; precision 1.000; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding
from harness.metrics.context.detectors.constraints import recalled, single
from harness.metrics.context.done.work import work
from harness.metrics.context.kept.losses import losses
from harness.metrics.context.kept.missed import misses
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.sighted import entries, sighted

KINDS: tuple[str, ...] = ("D1",)
VERSION = 5
TO_TARGET: frozenset[str] = frozenset({"D1"})


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for an item and request, though several milestones rest upon it."""
    told: set[tuple[str, int]] = set()
    once = single(scene)
    for item, loss in losses(scene):
        slip = loss.slip
        if loss.passing:
            continue
        told.add((item.id, scene.turn(slip.turn).stage))
        done = work(scene, item, slip)
        if not recalled(item, once) or done.how or not done.changes:
            continue
        detail = f"needed at request {scene.turn(slip.turn).stage}, told at {item.since}: not in the work"
        evidence = entries(scene, slip.turn, *done.evidence)
        yield sighted(scene, Finding("D1", item.id, slip.turn, done.onset, loss.known, detail, evidence))
    for miss in misses(scene):
        if miss.how is None and (miss.item.id, miss.stage) not in told:
            told.add((miss.item.id, miss.stage))
            detail = f"{miss.milestone} needs it, told at {miss.item.since}: not in the work"
            yield sighted(scene, Finding("D1", miss.item.id, miss.known, miss.turn, miss.known, detail, miss.evidence))
