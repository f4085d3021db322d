"""Drawings as text: elements with every word escaped, axes that people read without counting; pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

import msgspec

from harness.report.characters import visible
from harness.report.context.words import tokens

WIDE, HIGH = 420, 230
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 12, 34
"""Room for the words of the axes."""
STEPS = (1, 2, 5, 10, 20, 25, 50)


class Axis(msgspec.Struct, frozen=True):
    """`low` < `high`, both above 0 where `logarithmic`; `ticks`: figures with a word."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def share(self, figure: float) -> float:
        """Where the figure stands, 0..1; what lies outside stands at the edge."""
        low, high, here = self.low, self.high, figure
        if self.logarithmic:
            low, high, here = math.log(low), math.log(high), math.log(max(figure, self.low))
        return min(1.0, max(0.0, (here - low) / (high - low)))

    def x(self, figure: float) -> float:
        """Across the field."""
        return round(LEFT + self.share(figure) * (WIDE - LEFT - RIGHT), 1)

    def y(self, figure: float) -> float:
        """Up the field."""
        return round(HIGH - BOTTOM - self.share(figure) * (HIGH - TOP - BOTTOM), 1)


SHARES = Axis(0.0, 1.0, tuple((share, f"{100 * share:.0f}") for share in (0, 0.25, 0.5, 0.75, 1.0)))
"""From none to all, in percent."""


def even(high: float, words: Callable[[float], str] = lambda figure: f"{figure:,.0f}") -> Axis:
    """From 0 to `high` or a little above, in four to six steps."""
    raw = max(high, 1e-9) / 5
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * part for part in STEPS if size * part >= raw)
    count = max(1, math.ceil(round(high / step, 6)))
    return Axis(0.0, step * count, tuple((step * number, words(step * number)) for number in range(count + 1)))


def doublings(low: float, high: float) -> Axis:
    """Tokens by their logarithm, with ticks at thousands doubled."""
    low, high = max(1.0, low / 1.2), max(low * 1.5, high * 1.2)
    every = [float(part * 1000 * 2**power) for power in range(-8, 12) for part in (1,)]
    inside = [figure for figure in every if low <= figure <= high] or [low, high]
    skip = math.ceil(len(inside) / 6)
    return Axis(low, high, tuple((figure, tokens(figure)) for figure in inside[::skip]), logarithmic=True)


def element(name: str, inside: str = "", **attributes: object) -> str:
    """`_` at the end of a name of an attribute is left out, others become `-`. `inside` is markup that was made here."""
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{quoted(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{words}>{inside}</{name}>"


def quoted(value: object) -> str:
    """Any words of a stranger's, for an attribute or between elements."""
    return escape(visible(str(value)), quote=True)


def text(x: float, y: float, words: object, *, anchor: str = "start", kind: str | None = None) -> str:
    return element("text", quoted(words), x=x, y=y, text_anchor=anchor, class_=kind)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def path(places: Sequence[tuple[float, float]], kind: str, *, closed: bool = False) -> str:
    steps = " ".join(f"{'L' if number else 'M'}{x:g} {y:g}" for number, (x, y) in enumerate(places))
    return element("path", d=steps + (" Z" if closed else ""), class_=kind)


def titled(shape: str, words: object) -> str:
    """A shape that says what it is when it is pointed at."""
    return element("g", element("title", quoted(words)) + shape)


def axes(across: Axis, up: Axis, names: tuple[str, str]) -> str:
    """`names`: of the axis across and the one up."""
    ground, edge = HIGH - BOTTOM, WIDE - RIGHT
    rows = [line(LEFT, up.y(at), edge, up.y(at), "tick") + text(LEFT - 6, up.y(at) + 4, word, anchor="end") for at, word in up.ticks]
    columns = [text(across.x(at), ground + 15, word, anchor="middle") for at, word in across.ticks]
    return "".join((*rows, *columns, text(edge, HIGH - 4, names[0], anchor="end", kind="name"), text(2, HIGH - 4, names[1], kind="name")))


def drawing(inside: str, words: str, *, high: float = HIGH, wide: float = WIDE) -> str:
    """The whole, with a text alternative."""
    return element("svg", inside, class_="ctx", viewBox=f"0 0 {wide:g} {high:g}", role="img", aria_label=words)


def steps(places: Sequence[tuple[float, float]], across: Axis, up: Axis, end: float) -> list[tuple[float, float]]:
    """A line of steps that begins at (0, first) and goes on to `end`."""
    found: list[tuple[float, float]] = []
    before = None
    for at, figure in places:
        if before is not None:
            found.append((across.x(at), up.y(before)))
        found.append((across.x(at), up.y(figure)))
        before = figure
    return [*found, (across.x(end), up.y(before))] if before is not None else found
