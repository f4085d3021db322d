"""Detects work of the agent's own that it broke again: a milestone lost (G1), a file put back to before a milestone's edit (G2).

Inputs: the outcomes of milestones at every turn, the recorded trees with the calls that changed them, the manifest's `until`.
G1: a milestone held, then did not, through the agent's own difference in files that the milestone is about, and was not restored within
its grace. G2: a file's content is once more one that it had before an edit that met a milestone, the milestone does not hold, and
nothing followed. Both are about one loss: the second is linked to the first.

Known false positives: a milestone overturned by a request that the manifest does not end; a rewrite longer than its grace. A rollback
that was announced, or made through version control, has until the work is handed back. Formatters and what others changed are silent.
Scorecard: found G1 257 of 258, G2 200 of 200; precision 1.000 at least; validated on planted faults only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from harness.core.findings import Finding, Reached
from harness.core.memory import Milestone
from harness.metrics.context.done.history import Change, history
from harness.metrics.context.done.shell_lines import rolls_back
from harness.metrics.context.kept.grace import closings, over
from harness.metrics.context.kept.missed import outcomes, standing
from harness.metrics.context.kept.placed import scope
from harness.metrics.context.predicates.globs import within
from harness.metrics.context.scene import Scene
from harness.metrics.context.seen.sighted import sighted

KINDS: tuple[str, ...] = ("G1", "G2")
VERSION = 5
TO_TARGET: frozenset[str] = frozenset(KINDS)
BACK = re.compile(r"\b(?:revert(?:s|ed|ing)?|roll(?:s|ed|ing)?[ -]?back|undo(?:es|ing)?|back(?:ing)? out|reinstat\w+|go(?:ing)? back to)\b", re.IGNORECASE)
"""Words that announce a rollback, in a request or in what the agent says as it does it."""


def find(scene: Scene) -> Iterator[Finding]:
    """Lost milestones, then files that went back."""
    held = outcomes(scene)
    for milestone in scene.manifest.milestones:
        yield from _lost(scene, milestone, held.get(milestone.id, ()))
    yield from _reverted(scene, held)


def _lost(scene: Scene, milestone: Milestone, ones: tuple[Reached, ...]) -> Iterator[Finding]:
    met = _met(scene, milestone, ones)
    own = min((*met, *(turn for stage, turn in closings(scene).items() if stage == milestone.stage)), default=None)
    for before, after in pairwise(ones):
        if not before.held or after.held or own is None or before.turn < own or _overturned(scene, milestone, after.turn):
            continue
        blamed = _breaking(scene, milestone, before.turn, after.turn)
        known = over(scene, after.turn, *_patience(scene, blamed))
        if not blamed or known is None or any(one.held and after.turn < one.turn <= known for one in ones):
            continue
        onset = blamed[-1].turn
        items = tuple(f"edit:{change.path}@{change.turn}" for change in _meeting(scene, milestone, met, after.turn))
        detail = f"held at turn {before.turn} and no more after {blamed[-1].path} was changed"
        found = Finding("G1", milestone.id, after.turn, onset, known, detail, tuple(sorted({change.seq for change in blamed})))
        yield sighted(scene, found, *items)


def _overturned(scene: Scene, milestone: Milestone, turn: int) -> bool:
    """Whether it need not hold any more, or the request asks to take back what it names."""
    stage = scene.turn(turn).stage
    if milestone.until is not None and stage >= milestone.until:
        return True
    words = _request(scene, stage)
    named = (milestone.point, *(path.rpartition("/")[2] for path in scope(milestone)))
    return bool(BACK.search(words)) and any(name and name in words for name in named)


def _request(scene: Scene, stage: int) -> str:
    message = next((ident for index, ident, _ in scene.requests if index == stage), "")
    return "\n".join(one.text for one in scene.words.values() if one.message == message) if message else ""


def _breaking(scene: Scene, milestone: Milestone, since: int, until: int) -> tuple[Change, ...]:
    """The agent's own changes after `since` in the files that the milestone is about, of the last turn that had any."""
    where = scope(milestone)
    for turn in range(until, since, -1):
        own = tuple(change for change in history(scene).own(turn) if not where or within(change.path, where))
        if own:
            return own
    return ()


def _met(scene: Scene, milestone: Milestone, ones: tuple[Reached, ...]) -> tuple[int, ...]:
    """Turns at which the agent brought it to hold. One that held from the first look on is its work only if it changed its files there."""
    rises = [(early, late) for early, late in pairwise((None, *ones)) if late is not None and late.held and not (early and early.held)]
    return tuple(late.turn for early, late in rises if early is not None or _breaking(scene, milestone, late.turn - 1, late.turn))


def _meeting(scene: Scene, milestone: Milestone, met: tuple[int, ...], before: int) -> tuple[Change, ...]:
    """The agent's changes at the turn that last met the milestone, for what could still be seen of them."""
    turn = max((turn for turn in met if turn < before), default=0)
    return _breaking(scene, milestone, turn - 1, turn) if turn else ()


def _patience(scene: Scene, changes: tuple[Change, ...]) -> tuple[None] | tuple[()]:
    """A deliberate rollback has until the work is handed back; anything else the usual grace."""
    return (None,) if any(_deliberate(scene, change) for change in changes) else ()


def _deliberate(scene: Scene, change: Change) -> bool:
    turn = scene.turn(change.turn)
    return bool(BACK.search(turn.said)) or any(did.seq == change.seq and rolls_back(did) for did in turn.calls)


def _reverted(scene: Scene, held: dict[str, tuple[Reached, ...]]) -> Iterator[Finding]:
    for changes in history(scene).versions.values():
        first: dict[str, int] = {}
        """Blob -> index of the change that took the file away from it, the first time."""
        for index, change in enumerate(changes):
            left = first.get(change.new) if change.new and change.author == "agent" else None
            first.setdefault(change.old, index)
            if left is not None and left < index:
                yield from _revert(scene, held, changes[left:index], change)


def _revert(scene: Scene, held: dict[str, tuple[Reached, ...]], between: tuple[Change, ...], back: Change) -> Iterator[Finding]:
    """`between`: how the file came from the old content to the one that is now thrown away."""
    known = over(scene, back.turn, *_patience(scene, (back,)))
    if known is None or history(scene).at(back.path, known, "") != back.new:
        return
    for milestone in scene.manifest.milestones:
        met = _meant(scene, milestone, held.get(milestone.id, ()), between)
        if met is None or met.turn >= back.turn or standing(held[milestone.id], known) or _overturned(scene, milestone, back.turn):
            continue
        detail = f"as it was before turn {met.turn}, which met {milestone.id}"
        found = Finding("G2", back.path, back.turn, back.turn, known, detail, (met.seq, back.seq))
        yield sighted(scene, found, f"edit:{back.path}@{met.turn}")
        return


def _meant(scene: Scene, milestone: Milestone, ones: tuple[Reached, ...], between: tuple[Change, ...]) -> Change | None:
    """The agent's edit on the way at whose turn the milestone came to hold."""
    where = scope(milestone)
    if not ones or (where and not within(between[0].path, where)):
        return None
    met = _met(scene, milestone, ones)
    return next((change for change in between if change.author == "agent" and change.turn in met), None)
