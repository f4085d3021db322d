"""Whether full agrees with itself: the A/A check, by the re-rolls of full alone, so that it says the same before and after other arms are rolled; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from harness.answer.probe.deciding import FULL
from harness.answer.probe.rolls import Roll, by_point, voided
from harness.core.probe import Point, Probe
from harness.metrics.statistics import attribution as statistics
from harness.metrics.statistics.attribution import Split

VOID = "full differs from itself (A/A check)"
HELD = "not rolled: full differs from itself"


class Checked(msgspec.Struct, frozen=True):
    """One model under one agent, once each planned re-roll of full has come to something. `void`: why no other arm is to be rolled, or ""."""

    model: str
    agent: str
    void: str = ""


def checked(probe: Probe, found: Iterable[Roll]) -> tuple[Checked, ...]:
    """Those of a probe that can be decided by now: a re-roll of full that is still to come could decide otherwise."""
    mine = by_point(roll for roll in found if roll.arm == FULL)
    cells = dict.fromkeys((point.place.model, point.place.agent) for point in probe.points)
    named = {cell: [point for point in probe.points if (point.place.model, point.place.agent) == cell] for cell in cells}
    return tuple(Checked(*cell, VOID if differs(itself(points, mine)) else "") for cell, points in named.items() if whole(points, mine))


def whole(points: Iterable[Point], mine: Mapping[str, Sequence[Roll]]) -> bool:
    """Whether no re-roll of full is pending. `mine`: by point, of every planned trial."""
    return all(roll.came != "pending" for point in points for roll in mine.get(point.name, ()) if roll.arm == FULL)


def itself(points: Iterable[Point], mine: Mapping[str, Sequence[Roll]]) -> Split | None:
    """The first half of full's re-rolls of each point against the second; None where no point has two with an opportunity.

    A point whose re-rolls of full began in different worlds says nothing, nor does one that was chosen because it had failed.
    """
    try:
        return statistics.split(tuple(_given(point, mine.get(point.name, ())) for point in points if not point.on_failure))
    except ValueError:
        return None


def _given(point: Point, found: Sequence[Roll]) -> statistics.Point:
    own = [] if voided(roll for roll in found if roll.arm == FULL) else [roll for roll in found if roll.arm == FULL]
    return statistics.Point(point.place.task, {FULL: tuple(roll.came == "violated" for roll in own if roll.came in ("violated", "honoured"))}, point.name)


def differs(found: Split | None) -> bool:
    """Whether nothing may be told of context; without a check nobody knows that."""
    return found is not None and found.void
