"""Plots 1 to 3: how long rules are kept over turns, tokens and distance, and how much is kept so many tokens back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from harness.metrics.statistics.retention import Mark, Retention
from harness.metrics.statistics.survival import Curve
from harness.report.context.figures import Kept
from harness.report.context.guesses import TRACELESS
from harness.report.context.loss import Group, Loss
from harness.report.context.plot import Plot, censored, foot, items, plot, without
from harness.report.context.retained import ALL, Recalled
from harness.report.context.svg import (
    HIGH,
    SHARES,
    Axis,
    axes,
    doublings,
    drawing,
    element,
    even,
    line,
    path,
    quoted,
    steps,
    text,
    titled,
)
from harness.report.context.words import bound, interval, tokens

TITLES = {
    "turns": (1, "Rules kept, by turns since they were stated", "turns since stated"),
    "tokens": (2, "Rules kept, by tokens since they were stated", "tokens since stated"),
    "distance": (2, "Rules kept, by tokens since they were last in view", "tokens back"),
}
OPEN = 0.1
"""Shapes that fewer resamples choose are not listed."""
ROOM = 40
"""Height of the table of risk under a curve."""


def kept(told: Loss, group: Group, figure: Kept) -> Plot:
    """Kaplan-Meier with its band, the share lost with finish and crash as ends of their own, and who is still watched."""
    number, title, across = TITLES[figure.clock]
    spells = sum(figure.ended.values())
    made = plot(told, group, number, title, f"{items(spells)} in {group.tasks} tasks")
    made = msgspec.structs.replace(made, foot=foot(told, group, items(spells), "; ".join(filter(None, (censored(figure.ended), _apart(figure))))))
    curve = figure.curve
    if curve is None:
        return without(made, figure.lacking)
    marks = [("k-line", "kept (Kaplan-Meier)"), ("k-band", "95 % over tasks"), ("k-lost", "not lost, ends counted as ends")]
    legend = (*marks, *((("k-clear", "a clearing of the view"),) if figure.clearings else ()))
    words = said(figure)
    return msgspec.structs.replace(made, svg=_curve(figure, curve, across, f"{title}: {words}"), legend=legend, said=words)


def said(figure: Kept) -> str:
    """The figures of a curve in words."""
    if figure.curve is None or figure.mean is None:
        return figure.lacking
    unit = "turns" if figure.clock == "turns" else "tokens"
    digits = 1 if figure.clock == "turns" else 0
    last = figure.curve.kept[-1] if figure.curve.kept else 1.0
    mean = f"kept for {interval(figure.mean, 1, digits)} {unit} on average up to {bound(figure.horizon, 0)}"
    return f"{mean}; {100 * last:.0f} % kept at the last violation; {figure.curve.drifts} of {figure.curve.spells} items lost{_bent(figure)}{_stretches(figure)}"


def _bent(figure: Kept) -> str:
    return f"; Weibull shape {interval(figure.weibull.shape, 1, 2)}, below 1 the hazard falls" if figure.weibull else ""


def _stretches(figure: Kept) -> str:
    """When they are lost: of those still watched, so many in each stretch of turns."""
    told = [f"{each.start + 1:.0f} to {each.end:.0f}: {interval(each.rate, 100)}" for each in figure.hazard if each.rate]
    if not told:
        return ""
    wide = figure.hazard[0].end - figure.hazard[0].start
    return f"; lost of 100 items watched for {wide:.0f} turns, in turns {', '.join(told)}"


def _apart(figure: Kept) -> str:
    cut = f"{figure.cut} after a cut of the server" if figure.cut else ""
    return ", ".join(filter(None, (cut, f"{figure.never} never taken up, in no curve" if figure.never else "")))


def _curve(figure: Kept, curve: Curve, across: str, words: str) -> str:
    x = even(curve.until) if figure.clock == "turns" else even(curve.until, tokens)
    start = (0.0, 1.0)
    low, high = (list(zip(curve.times, each, strict=True)) for each in (curve.low, curve.high))
    band = [*steps([start, *high], x, SHARES, curve.until), *reversed(steps([start, *low], x, SHARES, curve.until))]
    main = steps([start, *zip(curve.times, curve.kept, strict=True)], x, SHARES, curve.until)
    lost = steps([start, *((at, 1 - share) for at, share in figure.drifted)], x, SHARES, curve.until)
    clears = "".join(line(x.x(at), HIGH - 34, x.x(at), HIGH - 28, "k-clear") for at in figure.clearings if at <= x.high)
    shapes = path(band, "k-band", closed=True) + path(lost, "k-lost") + titled(path(main, "k-line"), words) + clears
    return drawing(axes(x, SHARES, (across, "% kept")) + shapes + _risk(curve, x), words, high=HIGH + ROOM)


def _risk(curve: Curve, x: Axis) -> str:
    """How many were still watched just before each tick."""

    def watched(at: float) -> int:
        after = [count for time, count in zip(curve.times, curve.watched, strict=True) if time >= at]
        return after[0] if after else 0

    row = (text(x.x(at), HIGH + 26, f"{curve.spells if not at else watched(at):,}", anchor="middle") for at, _ in x.ticks if at <= curve.until)
    return text(2, HIGH + 12, "still watched", kind="name") + "".join(row)


def recalled(told: Loss, group: Group, figure: Recalled) -> Plot:
    """R' over distance with its band, the isotonic curve's cells, the rate of guesses, D50 and D85."""
    title = "Kept, by tokens back" + ("" if figure.name == ALL else f": {figure.name}")
    n = "; ".join(filter(None, (f"{figure.probes} opportunities of {figure.tasks} tasks", figure.guess_from and f"guesses: {figure.guess_from}")))
    made = msgspec.structs.replace(plot(told, group, 3, title, n), foot=foot(told, group, n, _beneath(figure)))
    if figure.told is None:
        return without(made, retained(figure))
    words = retained(figure)
    drawn = figure.told.shape if figure.told.settled else f"drawn as {figure.told.shape}"
    kept_ = "kept, corrected for guesses" if figure.guess is not None else "as done" if figure.name == TRACELESS else "kept, guesses taken as none"
    marks = [("k-line", f"{kept_} ({drawn})"), ("k-band", "95 % over tasks"), ("k-dot", "opportunities of like distance")]
    legend = (*marks, ("k-mark", "D50, D85"), *((("k-guess", "guessed without being told"),) if figure.guess is not None else ()))
    return msgspec.structs.replace(made, svg=_retention(figure, figure.told, f"{title}: {words}"), legend=legend, said=words)


def _beneath(figure: Recalled) -> str:
    """What is not in the curve."""
    left = [f"{figure.hidden} not in view" if figure.hidden else "", f"{figure.cut} after a cut" if figure.cut else "", *_left(figure)]
    out = ", ".join(filter(None, left))
    return out and f"left out: {out}"


def retained(figure: Recalled) -> str:
    """D50, effective length and area in words, or why there is no curve; what is not in it."""
    told, left = figure.told, ", ".join(_left(figure))
    rest = "; ".join(filter(None, (left and f"left out: {left}", figure.guess_lacking and f"too little to measure guesses: {figure.guess_lacking}")))
    if told is None:
        return "; ".join(filter(None, (figure.lacking, rest)))
    marks = f"D50 {_mark(told.half, told.until)}, D85 {_mark(told.effective, told.until)}"
    return "; ".join(filter(None, (
        f"{marks} tokens", f"AURC {interval(told.area, 1, 2)}", _shape(told), *_guessed(figure), rest, f"measured from {tokens(told.since)} to {tokens(told.until)}",
    )))  # fmt: skip


def _guessed(figure: Recalled) -> Iterator[str]:
    """At what rate and by whose word; what nobody measured is taken as none, which of a prohibition leaves what is done and not what is remembered."""
    if figure.guess is None:
        yield _uncorrected(figure)
        return
    yield f"guessed {100 * figure.guess:.0f} % ({figure.guess_from}; the intervals take it as exact)"
    if figure.unmeasured:
        yield f"for {figure.unmeasured:,} of {figure.probes:,} opportunities {_uncorrected(figure)}"


def _uncorrected(figure: Recalled) -> str:
    return "as done: guesses not measured" if figure.name == TRACELESS else "guesses not measured, taken as none"


def _left(figure: Recalled) -> Iterator[str]:
    if figure.left:
        yield f"{figure.left:,} of prohibitions, guesses not measured"
    if figure.dropped:
        yield f"{figure.dropped:,} of items that most honour untold"


def _shape(told: Retention) -> str:
    """Named only where it is settled; else those that the data leave open, the likeliest first."""
    if told.settled:
        return f"shape {told.shape}"
    votes = sorted(((share, shape) for shape, share in told.votes if share >= OPEN), reverse=True)
    return f"shape not settled ({', '.join(f'{shape} {100 * share:.0f} %' for share, shape in votes)} of resamples)"


def _mark(mark: Mark, until: float) -> str:
    beyond = f"beyond {tokens(until)}"
    low, high = tokens(mark.low) if mark.low is not None else beyond, tokens(mark.high) if mark.high is not None else beyond
    return f"{tokens(mark.distance) if mark.distance is not None else beyond} ({low} to {high})"


def _retention(figure: Recalled, told: Retention, words: str) -> str:
    x = doublings(told.since, told.until)
    band = [(x.x(at), SHARES.y(high)) for at, _, _, high in told.curve] + [(x.x(at), SHARES.y(low)) for at, _, low, _ in reversed(told.curve)]
    main = [(x.x(at), SHARES.y(share)) for at, share, _, _ in told.curve]
    shapes = [path(band, "k-band", closed=True), *_guess(figure, x), path(main, "k-line"), *_marks(told, x)]
    for cell in told.cells:
        title = f"{tokens(cell.distance)} tokens back: {100 * cell.kept:.0f} % of {cell.probes} opportunities, {cell.tasks} tasks"
        dot = element("circle", element("title", quoted(title)), cx=x.x(cell.distance), cy=SHARES.y(cell.kept), r=4, class_="k-dot")
        shapes += [line(x.x(cell.distance), SHARES.y(cell.low), x.x(cell.distance), SHARES.y(cell.high), "k-whisker"), dot]
    return drawing(axes(x, SHARES, ("tokens back", "% kept")) + "".join(shapes), words)


def _guess(figure: Recalled, x: Axis) -> Iterator[str]:
    if figure.guess is not None:
        yield line(x.x(x.low), SHARES.y(figure.guess), x.x(x.high), SHARES.y(figure.guess), "k-guess")


def _marks(told: Retention, x: Axis) -> Iterator[str]:
    for place, (word, mark) in enumerate((("D50", told.half), ("D85", told.effective))):
        if mark.distance is not None:
            at = x.x(mark.distance)
            yield line(at, SHARES.y(0), at, SHARES.y(1), "k-mark") + text(at + 3, SHARES.y(1) + 10 + 14 * place, f"{word} {tokens(mark.distance)}", kind="name")
