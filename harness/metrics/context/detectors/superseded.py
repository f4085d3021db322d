"""Detects work on a superseded version of an item: on the former one alone (L1), on both at once (L2), back from the new one (L3).

Inputs: items with `supersedes` or `former` values, their opportunities and the milestones that rest upon them, the agent's own
differences. Only what happens after the new version was stated counts, and only where the constraint or milestone of the new version
is not met. L1: the former version's value or fingerprint stands in what was added. L2: both versions' do. L3: the new version's was
taken out of a file in the same act. One finding for each loss.

Known false positives: a comment or test that names the former version on purpose in the same lines that miss the new one; a value of
the former version that means something else here. Former words without a violation are silent.
Scorecard: found L1 265 of 265, L2 200 of 200, L3 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding
from harness.core.memory import Item
from harness.metrics.context.done.work import work
from harness.metrics.context.kept.losses import losses
from harness.metrics.context.kept.missed import misses
from harness.metrics.context.kept.versions import Acted
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.sighted import entries, sighted

KINDS: tuple[str, ...] = ("L1", "L2", "L3")
VERSION = 5
TO_TARGET: frozenset[str] = frozenset(KINDS)

SAID = {
    "L1": "acts on the version that holds no more",
    "L2": "mixes the version that holds no more with the one that holds",
    "L3": "takes the new version out and the former one back in",
}


def find(scene: Scene) -> Iterator[Finding]:
    """From constraints first; a milestone of the same item and request adds nothing to them."""
    told: set[tuple[str, int]] = set()
    for item, loss in losses(scene):
        done = None if loss.passing else work(scene, item, loss.slip)
        if done is not None and done.how is not None:
            told.add((item.id, scene.turn(loss.slip.turn).stage))
            yield _finding(scene, item, (loss.slip.turn, done.onset, loss.known), done.how, done.evidence)
    for miss in misses(scene):
        if miss.how is not None and (miss.item.id, miss.stage) not in told:
            yield _finding(scene, miss.item, (miss.known, miss.turn, miss.known), miss.how, miss.evidence)


def _finding(scene: Scene, item: Item, when: tuple[int, int, int], how: Acted, evidence: tuple[int, ...]) -> Finding:
    kind = "L3" if how.undone and not how.present else "L2" if how.present else "L1"
    return sighted(scene, Finding(kind, item.id, *when, SAID[kind], entries(scene, when[0], *evidence)))
