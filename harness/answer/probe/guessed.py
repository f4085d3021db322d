"""What the re-rolls of those who were never told an item came to, place by place; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.answer.probe.attribution import Result, Told
from harness.metrics.statistics.mechanisms import NO_RULE
from harness.report.context.given import Untold


def untold(results: Iterable[Result]) -> tuple[Untold, ...]:
    """Of every probe: re-rolls are independent of one another whichever probe made them, and since all of them count nobody can choose among probes.

    Void probes and points tell nothing. Points that were replayed because they had failed are left out: where an item was violated it is harder to
    keep unawares, too. Re-rolls without an opportunity are on neither side.
    """
    return tuple(each for result in results for side in result.sides if not side.void for each in _of(side))


def _of(side: Told) -> Iterator[Untold]:
    for at in side.points:
        count = at.counts.get(NO_RULE)
        if count and count.rolls and not at.void and not at.point.on_failure:
            place = at.point.place
            yield Untold(side.model, side.agent, place.trial, place.item, place.shows or place.turn, count.rolls - count.failed, count.rolls)
