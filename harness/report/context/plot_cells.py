"""Plots 4, 5, 7 and 13: distance by fill, knowing by doing, why things were lost, and malformed calls over depth."""

from __future__ import annotations

import msgspec

from harness.metrics.statistics.intervals import wilson
from harness.report.context.figures import Cell, Depth, Figures, Malformed, lacking
from harness.report.context.loss import Group, Loss
from harness.report.context.plot import Plot, foot, plot, without
from harness.report.context.svg import (
    BOTTOM,
    HIGH,
    LEFT,
    RIGHT,
    TOP,
    WIDE,
    Axis,
    axes,
    doublings,
    drawing,
    element,
    even,
    line,
    path,
    quoted,
    text,
)
from harness.report.context.words import per_hundred, tokens

KNOWS = {
    "kept": "knows and does", "knows_but_does_not_act": "knows, does not", "acts_without_knowing": "does, does not know", "lost": "neither",
}  # fmt: skip
WHY = ("E", "R", "S", "X", "U", "not in view", "in view")
WORDS = {
    "E": "E not in the view", "R": "R in the view, not kept", "S": "S own slips", "X": "X not the context", "U": "U undecided",
    "not in view": "no replay yet, not in view", "in view": "no replay yet, in view",
}  # fmt: skip


def heat(told: Loss, group: Group, figure: Figures) -> Plot:
    """Violated per 100 in each cell that stands above the floor; the others show how many they have."""
    n = sum(cell.rate.opportunities for cell in figure.heat)
    made = plot(told, group, 4, "Violated, by tokens back and fill of the window", f"{n} opportunities")
    if figure.heat_lacking:
        return without(made, figure.heat_lacking)
    bins = sorted({cell.since for cell in figure.heat})
    wide, high = (WIDE - LEFT - RIGHT) / len(bins), (HIGH - TOP - BOTTOM) / 4
    shapes = [_cell(cell, LEFT + bins.index(cell.since) * wide, TOP + (3 - round(cell.low * 4)) * high, (wide, high)) for cell in figure.heat]
    names = [text(LEFT + place * wide, HIGH - BOTTOM + 15, tokens(each), anchor="middle") for place, each in enumerate(bins)]
    fills = [text(LEFT - 6, HIGH - BOTTOM - place * high + 4, f"{25 * place}", anchor="end") for place in range(5)]
    labels = text(WIDE - RIGHT, HIGH - 4, "tokens back", anchor="end", kind="name") + text(2, HIGH - 4, "% of the window", kind="name")
    words = "; ".join(_words(cell) for cell in figure.heat)
    return msgspec.structs.replace(made, svg=drawing("".join((*shapes, *names, *fills, labels)), words), said=words)


def _words(cell: Cell) -> str:
    where = f"{tokens(cell.since)} to {tokens(cell.until)} back, {100 * cell.low:.0f} to {100 * cell.high:.0f} % full"
    return f"{where}: {per_hundred(cell.rate)} per 100" if cell.rate.rate else f"{where}: no rate, {cell.rate.opportunities} opportunities of {cell.rate.tasks} tasks"


def _cell(cell: Cell, x: float, y: float, size: tuple[float, float]) -> str:
    wide, high = size
    rate = cell.rate.rate
    box = element(
        "rect", element("title", quoted(_words(cell))), x=round(x + 1, 1), y=round(y + 1, 1), width=round(wide - 2, 1), height=round(high - 2, 1), rx=3,
        class_="h-none" if rate is None else "h-cell", fill_opacity=None if rate is None else round(0.12 + 0.88 * min(1.0, rate.value), 2),
    )  # fmt: skip
    words = f"n {cell.rate.opportunities}" if rate is None else f"{100 * rate.value:.0f} %"
    kind = "h-few" if rate is None else "h-on" if rate.value > 0.45 else "h-off"
    return box + text(round(x + wide / 2, 1), round(y + high / 2 + 4, 1), words, anchor="middle", kind=kind)


def knows(told: Loss, group: Group, figure: Figures) -> Plot:
    """Two by two: recall beside the conversation, and the next opportunity in it."""
    n = sum(figure.knows.values())
    made = plot(told, group, 5, "Knowing and doing", f"{n} items asked about")
    if not n:
        return without(made, "nobody was asked what it knew (a probe's recall arm asks)")
    if why := lacking(n, group.tasks, "items asked about"):
        return without(made, why)
    knowing = figure.knows.get("kept", 0) + figure.knows.get("knows_but_does_not_act", 0)
    split = LEFT + (WIDE - LEFT - RIGHT) * knowing / n
    shapes = []
    for first, second, left, right in (("kept", "knows_but_does_not_act", LEFT, split), ("acts_without_knowing", "lost", split, WIDE - RIGHT)):
        shapes += _column((first, second), figure.knows, (left, right))
    words = ", ".join(f"{KNOWS[name]} {count}" for name, count in figure.knows.items()) + _abstained(group)
    legend = tuple((f"m-{name}", f"{KNOWS[name]} {figure.knows.get(name, 0)}") for name in KNOWS)
    return msgspec.structs.replace(made, svg=drawing("".join(shapes), words), legend=legend, said=words)


def _abstained(group: Group) -> str:
    """Who names what nobody stated guesses, and what it knows is worth less."""
    if not group.probed or not group.probed.absent:
        return ""
    abstained, asked, named, unreadable = group.probed.absent
    return f"; asked for a value that nobody stated it abstained {abstained}, named one {named}, gave no readable answer {unreadable}, of {asked}"


def _column(names: tuple[str, str], counts: dict[str, int], ends: tuple[float, float]) -> list[str]:
    done, left = counts.get(names[0], 0), counts.get(names[1], 0)
    if not done + left:
        return []
    middle = TOP + (HIGH - TOP - BOTTOM) * done / (done + left)
    return [
        _block(name, counts[name], ends, rows) for name, rows in zip(names, ((float(TOP), middle), (middle, float(HIGH - BOTTOM))), strict=True) if counts.get(name)
    ]


def _block(name: str, count: int, ends: tuple[float, float], rows: tuple[float, float]) -> str:
    box = element("rect", x=round(ends[0] + 1, 1), y=round(rows[0] + 1, 1), width=round(max(2, ends[1] - ends[0] - 2), 1), height=round(max(2, rows[1] - rows[0] - 2), 1), rx=3, class_=f"m-{name}")
    words, room = f"{KNOWS[name]} {count}", ends[1] - ends[0] - 12
    shown = words if len(words) * 6.6 < room else str(count)
    label = text(round(ends[0] + 8, 1), round(rows[0] + 18, 1), shown, kind="m-word") if rows[1] - rows[0] > 22 else ""
    return element("g", element("title", quoted(f"{KNOWS[name]}: {count}")) + box + label)


def why(told: Loss, group: Group, figure: Figures) -> Plot:
    """A bar from what replays decided, and of the rest whether the item was in the view."""
    n = sum(figure.why.values())
    made = plot(told, group, 7, "Why things were lost", f"{n} losses (roots)")
    probed = group.probed
    undecided = figure.why.get("in view", 0) + figure.why.get("not in view", 0)
    beside = f"{undecided} not replayed" if undecided else ""
    beside += f"; probe {probed.run} over {probed.points} points" if probed else ""
    made = msgspec.structs.replace(made, foot=foot(told, group, f"{n} losses (roots)", beside.removeprefix("; ")))
    if reason := lacking(group.opportunities, group.losses.rate.tasks, "opportunities"):
        return without(made, reason)
    if not n:
        return without(made, "nothing was lost")
    shapes, at = [], float(LEFT)
    for name in (each for each in WHY if figure.why.get(each)):
        wide = (WIDE - LEFT - RIGHT) * figure.why[name] / n
        shape = element("rect", element("title", quoted(f"{WORDS[name]}: {figure.why[name]}")), x=round(at, 1), y=14, width=round(max(1.5, wide - 1.5), 1), height=34, class_=_fill(name))
        shapes += [shape, *([text(round(at + wide / 2, 1), 36, figure.why[name], anchor="middle", kind="m-word")] if wide > 22 else [])]
        at += wide
    words = ", ".join(f"{WORDS[name]} {figure.why[name]}" for name in WHY if figure.why.get(name))
    legend = tuple((_fill(name), f"{WORDS[name]} {figure.why[name]}") for name in WHY if figure.why.get(name))
    return msgspec.structs.replace(made, svg=drawing("".join(shapes), words, high=62), legend=legend, said=words)


def _fill(name: str) -> str:
    return f"w-{name.replace(' ', '-').lower()}"


def malformed(told: Loss, group: Group, figure: Malformed) -> Plot:
    """Share of calls that are not well formed by fifths of depth, apart for those that had one in view."""
    made = plot(told, group, 13, "Malformed calls, by tokens before them", f"{figure.calls:,} calls, {figure.bad} malformed, {figure.tasks} tasks")
    if figure.lacking:
        return without(made, figure.lacking)
    words = depths(figure)
    most = max((100 * wilson(bad, of).high for each in figure.rates for bad, of in _both(each) if of), default=1.0)
    x, y = doublings(figure.rates[0].depth, figure.rates[-1].depth), even(min(100.0, most))
    shapes = [_dots(figure, x, y, seen=True), _dots(figure, x, y, seen=False)]
    legend = (("j-rest", "none in view before"), ("j-seen", "a malformed one in view"))
    drawn = drawing(axes(x, y, ("tokens before the call", "% malformed")) + "".join(shapes), words)
    return msgspec.structs.replace(made, svg=drawn, legend=legend, said=words)


def _both(each: Depth) -> tuple[tuple[int, int], tuple[int, int]]:
    return (each.bad_seen, each.seen), (each.bad_unseen, each.unseen)


def _dots(figure: Malformed, x: Axis, y: Axis, *, seen: bool) -> str:
    kind = "j-seen" if seen else "j-rest"
    places, shapes = [], []
    for each in figure.rates:
        bad, of = _both(each)[0 if seen else 1]
        if of:
            at, share, bounds = x.x(each.depth) + (4 if seen else -4), 100 * bad / of, wilson(bad, of)
            places.append((at, y.y(share)))
            title = f"about {tokens(each.depth)} tokens: {bad} of {of} calls malformed{', a malformed one in view' if seen else ''}"
            shapes.append(line(at, y.y(100 * bounds.low), at, y.y(100 * bounds.high), f"{kind} k-whisker"))
            shapes.append(element("circle", element("title", quoted(title)), cx=at, cy=y.y(share), r=4, class_=kind))
    return (path(places, f"{kind} j-line") if len(places) > 1 else "") + "".join(shapes)


def depths(figure: Malformed) -> str:
    """Slope and contagion in words."""
    if figure.lacking:
        return figure.lacking
    told = [f"{figure.bad} of {figure.calls:,} calls malformed"]
    slope, spread = figure.slope, figure.contagion
    if slope is None:
        told.append("too few of them, or of sound ones, for a slope")
    else:
        # Where one malformed call brings on the next, depth alone seems to: more is in view late.
        held = spread.deeper if spread else None
        rise = held or slope.effect
        told.append(
            f"log odds per doubling of depth {rise.estimate:+.2f} ({rise.low:+.2f} to {rise.high:+.2f}){', contagion held' if held else ''}, of {slope.calls:,} calls"
        )
    if spread is not None and spread.odds is not None:
        told.append(f"one in view brings on the next: log odds {spread.odds.estimate:+.2f} ({spread.odds.low:+.2f} to {spread.odds.high:+.2f})")
    return "; ".join(told)
