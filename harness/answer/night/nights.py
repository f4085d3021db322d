"""Nights in a row: what `trend` tells of each side on each night, and of the tasks that turn."""

from __future__ import annotations

import msgspec

from harness.answer.night.departures import Departure
from harness.answer.night.gating import Word
from harness.answer.side import Who
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.stratified import Change
from harness.report.summary import Counts


class Night(msgspec.Struct, frozen=True):
    """One run. `place`: the folder or file it was read from; `created`: ISO text; `reference`: it, or its baseline, is what the others are judged against."""

    run: str
    name: str
    created: str
    place: str
    reference: bool = False


class Point(msgspec.Struct, frozen=True):
    """One side on one night. Rates are means over tasks, 0..1, with a 95 % interval clustered by task; None where nothing was decided.

    `judged`: False above 5 % broken: the rate is then not to be shown. `word` is "" on the reference night and where it is told alone.
    `change`: tonight minus reference over common tasks, None on the reference night or without a common task; `p_holm`: its one-sided p,
    adjusted for all looks of the trend. `changed`: what differs from the night before it, by name, so that a step can be explained.
    """

    night: int
    """Index into `Trend.nights`."""
    counts: Counts
    tasks: int
    rate: float | None
    interval: Interval | None
    judged: bool
    word: Word | str
    reasons: tuple[str, ...]
    change: Change | None
    p_holm: float | None
    changed: tuple[Departure, ...]
    reference: bool = False
    """What the side's other nights are judged against."""


class Line(msgspec.Struct, frozen=True):
    """One side over the nights it was run on, oldest first. `control`: seeds drawn anew every night."""

    who: Who
    control: bool
    points: tuple[Point, ...]


class Turning(msgspec.Struct, frozen=True):
    """A task with both outcomes under one digest: passed of decided trials over all nights, and `marks`: (passed, decided) by night, (0, 0) where it did not run."""

    who: Who
    task: str
    passed: int
    decided: int
    marks: tuple[tuple[int, int], ...]


class Damaged(msgspec.Struct, frozen=True):
    """What could not be read, and why, in one sentence."""

    place: str
    why: str


class Trend(msgspec.Struct, frozen=True):
    """`against`: what the nights are judged against, in words; `looks`: comparisons made, over which p is adjusted; `method`: how, in words."""

    nights: tuple[Night, ...]
    lines: tuple[Line, ...]
    turning: tuple[Turning, ...]
    damaged: tuple[Damaged, ...]
    against: str
    max_drop: float
    looks: int
    method: str
    told: tuple[str, ...] = ()
