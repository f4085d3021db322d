"""The losses in an item's run of opportunities: where keeping it ended, once for each loss and not once for each slip; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

import msgspec

from harness.core.findings import Opportunity
from harness.core.memory import Item
from harness.metrics.context.scene import Scene


class Loss(msgspec.Struct, frozen=True):
    """A violated opportunity with what came before it.

    `kept`: opportunities honoured since the item was stated or last lost; `first`: none of any outcome came before; `relapse`: an
    earlier loss had been put right; `passing`: it was put right within its grace; `known`: all that this rests upon stands by then.
    """

    slip: Opportunity
    kept: int
    first: bool
    relapse: bool
    passing: bool
    known: int


class _Course(msgspec.Struct, frozen=True):
    """Where an item stands between two turns. `lost`: the slips of the open loss."""

    kept: int = 0
    begun: bool = False
    lost: tuple[Opportunity, ...] = ()
    known: int = 0


def losses(scene: Scene) -> Iterator[tuple[Item, Loss]]:
    """Of every item of the manifest, in order of turns. Opportunities whose grace is not over yet end an item's run for now."""
    each: dict[str, list[Opportunity]] = defaultdict(list)
    for opportunity in scene.opportunities:
        each[opportunity.item].append(opportunity)
    for item in scene.manifest.items:
        fit = (one for one in each.get(item.id, ()) if holds(item, scene, one.turn))
        yield from ((item, loss) for loss in _losses(fit, len(scene.turns)))


def holds(item: Item, scene: Scene, turn: int) -> bool:
    """Whether the item has been stated and neither superseded nor waived at the request this turn works on."""
    stage = scene.turn(turn).stage
    return stage >= item.since and (item.until is None or stage < item.until)


def _losses(opportunities: Iterable[Opportunity], last: int) -> Iterator[Loss]:
    """Turn by turn, so that the order of several outcomes within one turn has no effect."""
    course = _Course()
    for turn, group in groupby(sorted(opportunities, key=lambda one: (one.turn, one.subject)), key=lambda one: one.turn):
        ones = tuple(group)
        known = max(course.known, turn, *(one.settled for one in ones))
        if known > last:
            return
        course = msgspec.structs.replace(course, known=known)
        slips = tuple(one for one in ones if not one.honoured or one.repaired is not None)
        every = tuple(one for one in slips if not passing(one))
        lasting = tuple(one for one in every if not _open(course, one))
        if every and not lasting:
            continue
        if lasting:
            opened = _opened(course, lasting[0])
            yield from (opened,) if opened else ()
            course = _after(course, lasting, anew=opened is not None)
            continue
        if slips:
            yield Loss(slips[0], course.kept, not course.begun, relapse=False, passing=True, known=known)
        course = msgspec.structs.replace(course, kept=course.kept + len(ones), begun=True)


def passing(slip: Opportunity) -> bool:
    """Whether a violation was put right within its grace."""
    return slip.repaired is not None and (slip.honoured or slip.repaired <= slip.settled)


def _opened(course: _Course, slip: Opportunity) -> Loss | None:
    """The loss that begins here; None where it is the one that is open already."""
    mended = bool(course.lost) and all(_undone(one, slip.turn) for one in course.lost)
    if course.lost and not mended and course.kept < ADOPTED:
        return None
    return Loss(slip, course.kept, not course.begun, relapse=mended, passing=False, known=course.known)


def _open(course: _Course, slip: Opportunity) -> bool:
    """Whether it only edits again what is lost already and not put right: no loss of its own, and no keeping either."""
    return slip.standing and any(one.subject == slip.subject and not _undone(one, slip.turn) for one in course.lost)


def _undone(slip: Opportunity, turn: int) -> bool:
    """Whether a lasting slip was put right before this turn, be it late."""
    at = slip.repaired if slip.mended is None else slip.mended
    return at is not None and at < turn


ADOPTED = 2
"""Honoured opportunities after which an item counts as kept: one may be chance."""


def _after(course: _Course, lasting: tuple[Opportunity, ...], *, anew: bool) -> _Course:
    """What was kept before a loss does not count for the next one; what is kept beside a slip is no keeping."""
    lost = lasting if anew else course.lost + lasting
    return msgspec.structs.replace(course, kept=0, begun=True, lost=lost)
