"""The picture of a difference: its interval against the band of differences that do not matter; places only, no markup."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.answer.compare.comparison import Case, Comparison
from harness.answer.compare.sentence import signed
from harness.answer.pages.scale import Scale, Tick, even
from harness.metrics.statistics.differences import Difference
from harness.metrics.statistics.sequential import Look


class Bar(msgspec.Struct, frozen=True):
    """Places in percent of the drawing. `words`: what the bar says, for those who hear it and for who points at it."""

    low: float
    high: float
    dot: float
    words: str


class Mark(msgspec.Struct, frozen=True):
    """A case: what the difference is where doubtful trials are counted so."""

    name: str
    at: float
    words: str


class Gap(msgspec.Struct, frozen=True):
    """`band`: from -margin to +margin; `bar`: the estimate and its 95 % interval, by the method that holds the word."""

    ticks: tuple[Tick, ...]
    zero: float
    band: tuple[float, float]
    bar: Bar | None
    cases: tuple[Mark, ...]
    words: str


def reach(told: Sequence[Comparison], margin: float) -> float:
    """How far a scale must go to hold every interval of these comparisons and the whole band."""
    bounds = [bound for one in told for part in (one.difference, one.look) if part is not None for bound in (part.low, part.high)]
    return 1.1 * max(1.4 * margin, 0.1, *map(abs, bounds), *(abs(case.difference.estimate) for one in told for case in one.cases))


def gap(told: Comparison, margin: float, far: float) -> Gap:
    """`far`: as `reach` says; one for all, so that pictures one under the other can be compared."""
    scale = even(far)
    found = told.difference or told.look
    bar = _bar(scale, found, "difference" if told.difference else "at every look") if found else None
    marks = tuple(_mark(scale, case) for case in told.cases)
    words = [*([bar.words] if bar else []), *(mark.words for mark in marks), f"margin {signed(margin)} and {signed(-margin)} points"]
    return Gap(scale.ticks, scale.at(0.0), (scale.at(-margin), scale.at(margin)), bar, marks, "; ".join(words))


def _mark(scale: Scale, case: Case) -> Mark:
    estimate = case.difference.estimate
    return Mark(case.name, scale.at(estimate), f"{case.name} case {signed(estimate)} points")


def _bar(scale: Scale, told: Difference | Look, name: str) -> Bar:
    words = f"{name} {signed(told.estimate)} points, 95 % {signed(told.low)} to {signed(told.high)}"
    return Bar(scale.at(told.low), scale.at(told.high), scale.at(told.estimate), words)
