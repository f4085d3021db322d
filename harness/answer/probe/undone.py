"""What a probe did not do, place by place with the reason: what could not be replayed, what is void, and re-rolls that say nothing; pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harness.answer.probe.attribution import At, Result
from harness.answer.probe.constancy import HELD
from harness.core.probe import Place
from harness.core.trial import ASKING
from harness.report.summary import counted


class Undone(msgspec.Struct, frozen=True):
    """`point`: its name, "" for a place that was never one; `arm`: "" where the reason holds for all of them."""

    trial: str
    item: str
    turn: int
    why: str
    point: str = ""
    arm: str = ""


def undone(told: Result) -> tuple[Undone, ...]:
    """Places that could not be replayed first, then points in their order. A place that was only not drawn is none of these."""
    gone = (_of(each.place, each.why) for each in told.excluded)
    return (*gone, *(one for side in told.sides for at in side.points for one in _at(at)))


def _at(at: At) -> Iterator[Undone]:
    place, name = at.point.place, at.point.name
    if at.void:
        yield _of(place, f"void: {at.void}", name)
    for arm, count in at.counts.items():
        if count.lost:
            yield _of(place, f"{counted(count.lost, 're-roll')} broken or pending", name, arm)
        if count.held:
            yield _of(place, f"{HELD} ({counted(count.held, 're-roll')})", name, arm)
        if count.idle:
            nothing = "no reply" if arm in ASKING else "no opportunity within the window"
            yield _of(place, f"{nothing} in {counted(count.idle, 're-roll')}", name, arm)


def _of(place: Place, why: str, point: str = "", arm: str = "") -> Undone:
    return Undone(place.trial, place.item, place.turn, why, point, arm)
