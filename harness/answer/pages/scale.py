"""Figures on a line: from a quantity to a place in percent of a drawing, with ticks that people read without counting."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import msgspec

STEPS = (0.05, 0.1, 0.2, 0.25, 0.5)
"""Between ticks of a scale of shares."""
TIMES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)
"""Between ticks of a scale of seconds."""
NOTHING = 1e-6
"""Amounts below it are none: their scale is that of 1."""
WIDE = 12.0
"""From this ratio of the largest to the smallest on, amounts are laid out by their logarithm."""


class Tick(msgspec.Struct, frozen=True):
    """`at`: percent of the drawing."""

    at: float
    words: str


class Scale(msgspec.Struct, frozen=True):
    """`low` < `high`; with `logarithmic` both are above 0."""

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    logarithmic: bool = False

    def at(self, figure: float) -> float:
        """Where the figure stands, 0..100 percent; what lies outside stands at the edge."""
        low, high, here = self.low, self.high, figure
        if self.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(max(figure, self.low))
        return round(100 * min(1.0, max(0.0, (here - low) / (high - low))), 2)


def even(reach: float) -> Scale:
    """Around 0, as far as `reach` (0..1) or a little further, the same on both sides: so that more and fewer look alike."""
    step = next(step for step in STEPS if step * 3.5 >= min(reach, 1.0))
    end = min(1.0, step * max(1, math.ceil(round(reach / step, 6))))
    count = round(end / step)
    return _ticked(Scale(-end, end), [step * number for number in range(-count, count + 1)], _points)


def _points(share: float) -> str:
    points = round(100 * share)
    return f"−{-points}" if points < 0 else f"+{points}" if points else "0"


def shares() -> Scale:
    """From none to all."""
    return _ticked(Scale(0.0, 1.0), [0, 0.25, 0.5, 0.75, 1.0], lambda share: f"{100 * share:.0f}")


def amounts(figures: Sequence[float], words: Callable[[float], str], steps: Sequence[float] = ()) -> Scale:
    """From 0, or by their logarithm where the largest is many times the smallest. `steps`: the sizes that a step may have.

    Raises ValueError for none.
    """
    least, most = min(figures), max(figures)
    if least > NOTHING and most / least >= WIDE:
        return _logarithmic(least, most, words, steps)
    return _linear(1.08 * most if most > NOTHING else 1.0, words, steps)


def _linear(most: float, words: Callable[[float], str], steps: Sequence[float]) -> Scale:
    size = 10 ** math.floor(math.log10(most))
    step = next((step for step in (*steps, *(size * part for part in (0.2, 0.5, 1.0, 2.0))) if step * 5 >= most), 2 * size)
    count = math.ceil(round(most / step, 6))
    return _ticked(Scale(0.0, step * count), [step * number for number in range(count + 1)], words)


def _logarithmic(least: float, most: float, words: Callable[[float], str], steps: Sequence[float]) -> Scale:
    low, high = least / 1.6, most * 1.6
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [part * 10.0**power for power in powers for part in (1, 3)]
    inside = [each for each in steps or every if low <= each <= high] or [least, most]
    return _ticked(Scale(low, high, logarithmic=True), inside[:: math.ceil(len(inside) / 6)], words)


def _ticked(scale: Scale, places: Sequence[float], words: Callable[[float], str]) -> Scale:
    return msgspec.structs.replace(scale, ticks=tuple(Tick(scale.at(each), _round(words(each))) for each in places))


def _round(words: str) -> str:
    """Without the noughts that a round figure does not need."""
    return words.removesuffix(" 00 s").removesuffix(" 00 min").replace(".0 s", " s")
