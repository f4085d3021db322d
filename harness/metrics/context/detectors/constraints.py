"""Detects standing constraints that were kept and lost (C1), never taken up (C2), missed at their one late use (C3), slipped in passing (C4).

Inputs: the opportunities that the recorded trees showed of the manifest's constraints, the items' validity, the ledger's sight.
C1: the first violated opportunity after two honoured ones, not put right within its grace; or a violation after an earlier loss was
put right. C2: the very first opportunity. C3: the first opportunity of a sleeper, or of a rule with a single occasion, at a later
request than the one that stated it. C4: put right within grace; counted apart. One finding for each loss, not for each slip of it. A file edited again
while its breach stands is violated again in the rates, and no loss of its own. A loss that acts on a superseded
version is for `superseded`; a fact that is used once is for `recall`. A violation after just one honoured opportunity is neither
adoption nor its absence: it counts in the rates and is no finding.

Known false positives: a predicate that an unusual but right solution fails; a repair later than the grace that was planned all along;
a rule that a user waived in words and the manifest does not end. A difference that a formatter or a run of tests made is left out. Known misses: a new definition whose name was
taken out of another module counts as moved, whatever is in it, so a rule about new names says nothing of it.
Scorecard: found C1 256 of 256, C2 200 of 200, C3 200 of 200, C4 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.findings import Finding
from harness.core.memory import Item
from harness.core.predicates import At, Edits
from harness.metrics.context.done.history import history
from harness.metrics.context.done.work import Work, work
from harness.metrics.context.kept.losses import ADOPTED, Loss, losses
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.sighted import entries, sighted

KINDS: tuple[str, ...] = ("C1", "C2", "C3", "C4")
VERSION = 5
TO_TARGET: frozenset[str] = frozenset(KINDS)

SAID = {
    "C1": "kept {kept} times, then violated",
    "C2": "violated at its first opportunity",
    "C3": "missed where it was first needed, at request {stage}; stated at {since}",
    "C4": "violated and put right in time",
}


def find(scene: Scene) -> Iterator[Finding]:
    """One finding for each loss of an item, and one for each slip put right in time."""
    once = single(scene)
    for item, loss in losses(scene):
        done = work(scene, item, loss.slip)
        if not loss.passing and (recalled(item, once) or done.how):
            continue
        kind = _kind(scene, item, loss, once)
        if kind and not _formatted(scene, item, loss):
            yield _finding(scene, item, loss, kind, done)


def single(scene: Scene) -> frozenset[str]:
    """Items with but one opportunity, by their manifest."""
    often = {one.item for one in scene.manifest.constraints if not isinstance(one.occasion, At)}
    return frozenset({one.item for one in scene.manifest.constraints} - often)


def recalled(item: Item, once: frozenset[str]) -> bool:
    """Whether a single use shows that it is known, rather than obeyed: a fact or a decision."""
    return item.id in once and item.kind != "rule" and item.manner != "sleeper"


def _kind(scene: Scene, item: Item, loss: Loss, once: frozenset[str]) -> str:
    if loss.passing:
        return "C4"
    if loss.relapse or loss.kept >= ADOPTED:
        return "C1"
    if not loss.first:
        return ""
    late = scene.turn(loss.slip.turn).stage > max(item.since, 1)
    return "C3" if late and (item.manner == "sleeper" or item.id in once) else "C2"


def _formatted(scene: Scene, item: Item, loss: Loss) -> bool:
    """Whether every difference of the turn is a formatter's, where it is editing that the rule is about."""
    edits = any(isinstance(one.occasion, Edits) and one.item == item.id for one in scene.manifest.constraints)
    changes = history(scene).turns.get(loss.slip.turn, ())
    return edits and bool(changes) and all(change.author != "agent" for change in changes)


def _finding(scene: Scene, item: Item, loss: Loss, kind: str, done: Work) -> Finding:
    slip = loss.slip
    said = SAID[kind].format(kept=loss.kept, stage=scene.turn(slip.turn).stage, since=item.since)
    said = "put right once, then violated again" if loss.relapse else said
    about = f": {slip.subject}" if slip.subject else ""
    evidence = entries(scene, slip.turn, *done.evidence)
    return sighted(scene, Finding(kind, item.id, slip.turn, done.onset, loss.known, said + about, evidence))
