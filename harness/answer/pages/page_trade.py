"""The picture of rate against cost and time: one point for each model, places only, and in words which of them another beats in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import msgspec

from harness.answer.compare.figures import Figures
from harness.answer.compare.trade import Offer, front
from harness.answer.pages.scale import TIMES, Scale, Tick, amounts, shares
from harness.report.page_format import clock, pct, usd


class Point(msgspec.Struct, frozen=True):
    """Places in percent from the left and from the top."""

    letter: str
    name: str
    x: float
    y: float
    low: float
    high: float
    beaten: bool
    words: str


class Trade(msgspec.Struct, frozen=True):
    """`steps`: the line along those that none beats, piece by piece; `said`: sentences."""

    title: str
    axis: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    points: tuple[Point, ...]
    steps: tuple[tuple[float, float, float, float], ...]
    said: tuple[str, ...]


class Shown(msgspec.Struct, frozen=True):
    """A model in the pictures: its letter, its name, its figures, its amount per trial."""

    letter: str
    name: str
    told: Figures
    amount: float | None


class Trades(msgspec.Struct, frozen=True):
    """`missing`: who is in no picture, and why, in sentences."""

    drawn: tuple[Trade, ...]
    missing: tuple[str, ...]


def trades(told: Sequence[tuple[str, str, Figures]], beaten: Mapping[tuple[str, str], str]) -> Trades:
    """(letter, name, figures): by money and by time, each where two models or more have it and a rate. `beaten`: ("cost" or "time", letter) -> by whose letter."""
    priced = [Shown(letter, name, each, each.cost_per_trial) for letter, name, each in told]
    timed = [Shown(letter, name, each, each.seconds) for letter, name, each in told]
    made = (_trade(("cost", "dollars per trial"), priced, usd, beaten), _trade(("time", "time per trial"), timed, clock, beaten))
    return Trades(tuple(each for each in made if each), (*_missing(priced, "price"), *_missing(timed, "time")))


def _missing(shown: Sequence[Shown], what: str) -> list[str]:
    absent = [each.name for each in shown if each.amount is None]
    return [f"No {what} is known of {', '.join(absent)}."] if absent else []


def _trade(words: tuple[str, str], shown: Sequence[Shown], form: Callable[[float], str], beaten: Mapping[tuple[str, str], str]) -> Trade | None:
    title, axis = words
    held = [each for each in shown if each.amount is not None and each.told.rate is not None]
    if len(held) < 2:
        return None
    offers = [Offer(each.told.rate or 0.0, each.amount or 0.0) for each in held]
    by_letter = {each.letter: each for each in held}
    by = [by_letter.get(beaten.get((title, each.letter), "")) for each in held]
    across, up = amounts([one.amount for one in offers], form, TIMES if title == "time" else ()), shares()
    points = tuple(_point(each, over is not None, across, up, form) for each, over in zip(held, by, strict=True))
    said = tuple(_said(each, over, title) for each, over in zip(held, by, strict=True) if over is not None)
    upwards = tuple(Tick(100 - each.at, each.words) for each in up.ticks)
    return Trade(title, axis, across.ticks, upwards, points, _steps(front(offers), across, up), said)


def _point(each: Shown, over: bool, across: Scale, up: Scale, form: Callable[[float], str]) -> Point:
    rate, held, amount = each.told.rate or 0.0, each.told.interval, each.amount or 0.0
    low, high = (held.low, held.high) if held else (rate, rate)
    words = f"{each.letter} {each.name}: {pct(rate)} ({pct(low)} to {pct(high)}), {form(amount)} per trial"
    return Point(each.letter, each.name, across.at(amount), 100 - up.at(rate), 100 - up.at(low), 100 - up.at(high), over, words)


def _steps(best: Sequence[Offer], across: Scale, up: Scale) -> tuple[tuple[float, float, float, float], ...]:
    corners = [(across.at(one.amount), 100 - up.at(one.rate)) for one in best]
    level = [(x, y, after, y) for (x, y), (after, _) in pairwise(corners)]
    rise = [(after, y, after, above) for (_, y), (after, above) in pairwise(corners)]
    return tuple(line for pair in zip(level, rise, strict=True) for line in pair)


def _said(worse: Shown, better: Shown, title: str) -> str:
    more = (worse.amount or 0.0) > (better.amount or 0.0)
    fewer = (worse.told.rate or 0.0) < (better.told.rate or 0.0)
    verb, much = ("costs", "much") if title == "cost" else ("takes", "long")
    amount = f"{verb} {'more' if title == 'cost' else 'longer'}" if more else f"{verb} as {much}"
    return f"{worse.name} {amount} and passes {'fewer' if fewer else 'as many'}, beside {better.name}"
