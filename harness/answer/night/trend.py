"""Runs -> Trend: nights in the order they were begun, each side against one reference, with the looks that were taken at it counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from harness.answer.night.baseline import Baseline
from harness.answer.night.departures import Departure, departures
from harness.answer.night.gate import Tonight
from harness.answer.night.gating import Decision, Evidence, controlled, decide
from harness.answer.night.judging import Pair, changes, redrawn
from harness.answer.night.nights import Damaged, Line, Night, Point, Trend, Turning
from harness.answer.night.sheets import FRESH, Ends, Sheet, sheet
from harness.answer.side import Side, Who, sides
from harness.metrics.statistics.rates import interval, mean
from harness.metrics.statistics.several import holm
from harness.metrics.statistics.stratified import Change
from harness.report.cells import BROKEN_BOUND
from harness.report.summary import ASKS_NONE, counts

SCHEMA: Final = "longhaul.trend/1"
METHOD: Final = (
    "p by permuting attempts within tasks, adjusted by Holm for every look of this trend, so that one false alarm among all its words is as rare "
    "as on a single night; a word may change as nights come in"
)


class Entry(msgspec.Struct, frozen=True):
    """A run and where it was read."""

    night: Tonight
    place: str


class _Seen(msgspec.Struct, frozen=True):
    """One side on one night, against its reference; None on the reference night itself, and for a side that has none."""

    index: int
    side: Side
    sheet: Sheet
    pair: Pair | None
    changes: dict[str, Change | None]
    reference: bool = False


def trend(entries: Iterable[Entry], baseline: Baseline | None, max_drop: float, damaged: Sequence[Damaged] = (), told: Sequence[str] = ()) -> Trend:
    """`max_drop`: 0..1. Without a baseline a side's first sound night is its reference. A trend refuses nothing: what changed is marked where it did."""
    held = sorted(entries, key=lambda each: (instant(each.night.created), each.night.run))
    seen = _seen(held, baseline)
    looks = _looks(seen)
    words = {name: _words(name, found, seen, looks, max_drop) for name, found in seen.items()}
    lines = tuple(Line(name, name.variant == FRESH, tuple(_points(found, words[name], looks))) for name, found in seen.items())
    first = _first(held, seen)
    against = f"the baseline of {', '.join(each.run for each in baseline.runs)}" if baseline else _first_words(first, seen)
    reference = {each.run for each in baseline.runs} if baseline else {first.run} if first else set()
    nights = tuple(Night(each.night.run, each.night.name, each.night.created, each.place, each.night.run in reference) for each in held)
    return Trend(nights, lines, tuple(_turning(seen, len(held))), tuple(damaged), against, max_drop, len(looks), METHOD, tuple(told))


def document(told: Trend) -> bytes:
    """One versioned JSON object; docs/json.md describes it."""
    return msgspec.json.format(msgspec.json.encode({"schema": SCHEMA, **msgspec.structs.asdict(told)}), indent=2)


def instant(created: str) -> datetime:
    """Raises ValueError for what is no time. Without a zone it is taken as UTC."""
    found = datetime.fromisoformat(created)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _seen(held: Sequence[Entry], baseline: Baseline | None) -> dict[Who, list[_Seen]]:
    """By side, controls after what they control; nights on which nothing of a side was decided or broke are left out."""
    known = {each.who: each for each in baseline.sides} if baseline else {}
    found: dict[Who, list[_Seen]] = {}
    for index, entry in enumerate(held):
        for side in sides((entry.night.run, row) for row in entry.night.rows):
            told = sheet(side)
            if side.who.model != ASKS_NONE and any(ends.decided or ends.broken for ends in told.tasks.values()):
                pair = _pair(known, baseline, entry.night.run, told, side)
                reference = entry.night.run in {each.run for each in baseline.runs} if baseline else pair is None and _sound(told)
                found.setdefault(side.who, []).append(_Seen(index, side, told, pair, changes(pair) if pair else {}, reference))
    return dict(sorted(found.items(), key=lambda item: (item[0].model, item[0].agent, item[0].variant == FRESH, item[0].variant)))


def _pair(known: dict[Who, Sheet], baseline: Baseline | None, run: str, told: Sheet, side: Side) -> Pair | None:
    """None where there is nothing to compare with yet: then this night becomes the reference, unless a baseline is."""
    if baseline and run in {each.run for each in baseline.runs}:
        return None
    if told.who in known:
        apart = departures(known[told.who].identity, told.identity, told.tasks)
        return redrawn(Pair(known[told.who], told, side.rows), [each.name for each in apart])
    if baseline is None and _sound(told):
        known[told.who] = told
    return None


def _sound(told: Sheet) -> bool:
    """Fit to be judged against: what a baseline would be made of."""
    return bool(told.counts.decided) and max(told.broken, told.missing(told.tasks)) <= BROKEN_BOUND


def _first_words(first: Tonight | None, seen: Mapping[Who, Sequence[_Seen]]) -> str:
    """The night is named where it is every side's."""
    shared = len({each.index for found in seen.values() for each in found if each.reference}) == 1
    return f"each side's first sound night{f', {first.run}' if first and shared else ''}"


def _first(held: Sequence[Entry], seen: Mapping[Who, Sequence[_Seen]]) -> Tonight | None:
    """The first night that is a side's reference."""
    indexes = [each.index for found in seen.values() for each in found if each.reference]
    return held[min(indexes)].night if indexes else None


def _looks(seen: Mapping[Who, Sequence[_Seen]]) -> dict[tuple[Who, int], float]:
    """Every comparison of a side with a word of its own -> its adjusted p."""
    raw = {
        (name, each.index): change.p_worse for name, found in seen.items() if name.variant != FRESH
        for each in found if (change := each.changes.get("seen")) is not None
    }  # fmt: skip
    return dict(zip(raw, holm(list(raw.values())), strict=True))


def _words(name: Who, found: Sequence[_Seen], seen: Mapping[Who, Sequence[_Seen]], looks: Mapping[tuple[Who, int], float], max_drop: float) -> dict[int, Decision]:
    """Night -> word."""
    controls = {each.index: each for each in seen.get(Who(name.model, name.agent, FRESH), ())} if name.variant == "" else {}
    told: dict[int, Decision] = {}
    for each in found:
        if each.pair is not None:
            factor = _factor(each, looks.get((name, each.index)))
            decision = decide(_evidence(each, factor), max_drop)
            control = controls.get(each.index)
            told[each.index] = controlled(decision, _evidence(control, 1.0), max_drop) if control and control.pair else decision
    return told


def _factor(each: _Seen, adjusted: float | None) -> float:
    """What the looks made of this night's p; the best and the worst case are weighed by the same."""
    raw = each.changes.get("seen")
    return adjusted / raw.p_worse if raw and adjusted is not None and raw.p_worse > 0 else 1.0


def _evidence(each: _Seen, factor: float) -> Evidence:
    def weighed(case: str) -> Change | None:
        change = each.changes.get(case)
        return change and msgspec.structs.replace(change, p_worse=min(1.0, change.p_worse * factor))

    return Evidence(weighed("seen"), weighed("best"), weighed("worst"), each.sheet.broken, missing=each.pair.missing if each.pair else 0.0)


def _points(found: Sequence[_Seen], words: Mapping[int, Decision], looks: Mapping[tuple[Who, int], float]) -> Iterator[Point]:
    before: Sheet | None = None
    for each in found:
        tallies = tuple(each.sheet.tallies().values())
        decision = words.get(each.index)
        apart = _apart(before, each.sheet)
        before = each.sheet
        yield Point(
            each.index, counts(row for row in each.side.rows if not row.outside), len(tallies), mean(tallies), interval(tallies),
            each.sheet.broken <= BROKEN_BOUND, decision.word if decision else "", decision.reasons if decision else (), each.changes.get("seen"),
            looks.get((each.sheet.who, each.index)), apart, each.reference,
        )  # fmt: skip


def _apart(before: Sheet | None, now: Sheet) -> tuple[Departure, ...]:
    return departures(before.identity, now.identity, now.tasks) if before and before.begun and now.begun else ()


def _turning(seen: Mapping[Who, Sequence[_Seen]], nights: int) -> Iterator[Turning]:
    """Tasks with both outcomes under one digest, over all nights of a side with fixed seeds."""
    for name, found in seen.items():
        by_task: dict[tuple[str, tuple[str, ...]], dict[int, Ends]] = {}
        for each in found if name.variant != FRESH else ():
            for task, ends in each.sheet.tasks.items():
                by_task.setdefault((task, each.sheet.identity.tasks.get(task, ())), {})[each.index] = ends
        for (task, _), marks in by_task.items():
            total = sum(marks.values(), start=Ends())
            if total.mixed:
                yield Turning(name, task, total.passed, total.decided, tuple(_mark(marks.get(index)) for index in range(nights)))


def _mark(ends: Ends | None) -> tuple[int, int]:
    return (ends.passed, ends.decided) if ends else (0, 0)

