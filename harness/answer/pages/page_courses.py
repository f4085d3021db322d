"""Nights in a row as their page draws them: each side's rates with intervals, the band that is no matter, marks of what changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from harness.answer.compare.question import names
from harness.answer.compare.sentence import chance
from harness.answer.night.nights import Line, Night, Point, Trend
from harness.answer.pages.page_headline import minus
from harness.answer.pages.scale import Tick, shares
from harness.answer.side import Who
from harness.report.page_format import NONE, bounds, moment, pct

LABELS = 8
"""Nights that are named under a picture."""
NARROWEST = 46
"""Pixels for a night; more nights than fit are scrolled to."""


class Spot(msgspec.Struct, frozen=True):
    """One night of one side, in percent from the left and from the top. `shown`: it has a rate.

    `word`: "reference" for what the others are judged against, "alone" for a night that is told without a word.
    """

    x: float
    y: float
    low: float
    high: float
    word: str
    shown: bool
    words: str


class Break(msgspec.Struct, frozen=True):
    """Between two nights something changed. `number`: by which the list below calls it."""

    x: float
    number: int
    night: str
    sentences: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """One night in the table. `change`, `interval`, `p`: against the reference, dashes where there is none."""

    night: Night
    point: Point
    word: str
    change: str
    interval: str
    p: str
    control: bool


class Course(msgspec.Struct, frozen=True):
    """One side with its control.

    `level`: the reference's rate, `floor`: the drop that matters below it, both in percent from the top; None where none is known.
    """

    id: str
    name: str
    spots: tuple[Spot, ...]
    controls: tuple[Spot, ...]
    breaks: tuple[Break, ...]
    level: float | None
    floor: float | None
    labels: tuple[Tick, ...]
    shares: tuple[Tick, ...]
    width: int
    entries: tuple[Entry, ...]
    words: str

    @property
    def last(self) -> Entry:
        """The latest night of the side itself, which may be a control that stands alone."""
        return next(entry for entry in self.entries if not entry.control)


def courses(told: Trend) -> tuple[Course, ...]:
    """In the order of the lines; a control belongs to the side whose seeds it draws anew, and stands alone where there is none."""
    plain = {(line.who.model, line.who.agent) for line in told.lines if not line.control and not line.who.variant}
    controls = {(line.who.model, line.who.agent): line for line in told.lines if line.control}
    heads = [line for line in told.lines if line.points and (not line.control or (line.who.model, line.who.agent) not in plain)]
    beside = [None if line.who.variant else controls.get((line.who.model, line.who.agent)) for line in heads]
    return tuple(_course(told, line, control, number) for number, (line, control) in enumerate(zip(heads, beside, strict=True), 1))


def _course(told: Trend, line: Line, control: Line | None, number: int) -> Course:
    full = len({each.who.agent for each in told.lines}) > 1
    fresh = control.points if control else ()
    spots, beside = (tuple(_spot(told, point) for point in points) for points in (line.points, fresh))
    level = _level(line)
    entries = [*(_entry(told, point, control=False) for point in line.points), *(_entry(told, point, control=True) for point in fresh)]
    return Course(
        f"side-{number}", names(line.who, full=full), spots, beside, _breaks(told, (line, *((control,) if control else ()))),
        None if level is None else _top(level), None if level is None else _top(max(0.0, level - told.max_drop)),
        _labels(told.nights), tuple(Tick(100 - tick.at, tick.words) for tick in shares().ticks), NARROWEST * len(told.nights),
        tuple(sorted(entries, key=lambda entry: (-entry.point.night, entry.control))), "; ".join(spot.words for spot in spots),
    )  # fmt: skip


def _labels(nights: Sequence[Night]) -> tuple[Tick, ...]:
    """Month and day; the latest night always, and as many before it as can be read."""
    count = len(nights)
    every = math.ceil(count / LABELS)
    return tuple(Tick(_at(place, count), day(night)[-5:]) for place, night in enumerate(nights) if (count - 1 - place) % every == 0)


def _at(place: int, count: int) -> float:
    return round(100 * (place + 0.5) / count, 2)


def _top(rate: float) -> float:
    return round(100 * (1 - rate), 2)


def _spot(told: Trend, point: Point) -> Spot:
    night = told.nights[point.night]
    shown = point.judged and point.rate is not None
    rate = point.rate or 0.0
    low, high = (point.interval.low, point.interval.high) if point.interval else (rate, rate)
    figure = f"{pct(point.rate)} ({bounds(point.interval)})" if shown else "no rate"
    words = f"{moment(night.created)}: {figure}, {said(point)}"
    return Spot(_at(point.night, len(told.nights)), _top(rate), _top(low), _top(high), _word(point), shown, words)


def _word(point: Point) -> str:
    return point.word or ("reference" if point.reference else "alone")


def said(point: Point) -> str:
    """The word in the table: a side that is told alone has none, nor has a night before there was a reference."""
    return point.word or ("reference" if point.reference else "no word of its own")


def _level(line: Line) -> float | None:
    """What the others are judged against: the reference's own rate where it is among the nights, else the first night's less its change."""
    own = next((point.rate for point in line.points if point.reference and point.judged and point.rate is not None), None)
    if own is not None:
        return own
    return next((point.rate - point.change.estimate for point in line.points if point.change and point.rate is not None), None)


def _breaks(told: Trend, lines: Sequence[Line]) -> tuple[Break, ...]:
    found: dict[int, dict[str, None]] = {}
    for point in (point for line in lines for point in line.points):
        found.setdefault(point.night, {}).update(dict.fromkeys(each.sentence for each in point.changed))
    held = [(night, sentences) for night, sentences in sorted(found.items()) if sentences]
    count = len(told.nights)
    places = [(round(100 * night / count, 2), number, day(told.nights[night]), tuple(sentences)) for number, (night, sentences) in enumerate(held, 1)]
    return tuple(Break(*place) for place in places)


def day(night: Night) -> str:
    """The day alone; a night that says none is called by its run."""
    return moment(night.created)[:10] if night.created else night.run


def _entry(told: Trend, point: Point, *, control: bool) -> Entry:
    change = point.change
    figures = (NONE, NONE, NONE)
    if change:
        p = change.p_worse if point.p_holm is None else point.p_holm
        figures = (minus(change.estimate), f"{minus(change.low)} to {minus(change.high)}", chance(p).removeprefix("p ").removeprefix("= "))
    return Entry(told.nights[point.night], point, said(point), *figures, control)


def side(who: Who) -> str:
    """A side in full, for the tasks that turn."""
    return names(who, full=True)
