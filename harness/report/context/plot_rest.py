"""Plots 6 and 14: what a larger window buys, and how far each detector may be trusted."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from harness.report.context import svg
from harness.report.context.budgets import Budgets, lacking
from harness.report.context.given import Score
from harness.report.context.loss import Loss
from harness.report.context.plot import Plot
from harness.report.context.words import per_hundred, tokens
from harness.report.summary import counted

ROW = 18


def budgets(told: Loss, *, redacted: bool) -> Plot:
    """Pass rate by window: thin lines are tasks, thick ones agents; under it losses per 100 opportunities in words."""
    count = sum(step.trials for each in told.budgets for step in each.steps)
    cuts = "; ".join(f"A {group.cut.turns} of {group.cut.of_turns:,} turns under {group.agent} {group.variant}".rstrip() for group in told.groups)
    foot = "; ".join(filter(None, (f"n = {count} trials", "undecided trials left out", cuts, f"detectors {', '.join(told.measure)}, {told.standing}")))
    made = Plot(6, "Pass rate and losses, by window", "", "", "", foot)
    why = lacking(told.budgets)
    if why:
        return msgspec.structs.replace(made, why=f"Not drawn: {why}.")
    words = budgeted(told.budgets)
    windows = sorted({float(step.window) for each in told.budgets for step in each.steps})
    x = svg.Axis(windows[0] / 1.2, windows[-1] * 1.2, tuple((window, tokens(window)) for window in windows), logarithmic=True)
    shapes = "".join(_lines(each, place, x, redacted=redacted) for place, each in enumerate(told.budgets))
    legend = tuple((f"b-{place % 4}", " ".join(filter(None, (each.agent, each.variant, each.model)))) for place, each in enumerate(told.budgets))
    drawn = svg.drawing(svg.axes(x, svg.SHARES, ("tokens of window", "% passed")) + shapes, words)
    return msgspec.structs.replace(made, svg=drawn, legend=legend, said=words)


def budgeted(told: Sequence[Budgets]) -> str:
    """Every window in words."""
    return "; ".join(
        f"{each.agent} {each.variant} x {each.model} at {tokens(step.window)}: {step.passed} of {step.decided} passed, {step.losses.hits} losses of"
        f" {step.losses.opportunities} opportunities ({per_hundred(step.losses)} per 100)"
        for each in told for step in each.steps
    )  # fmt: skip


def _lines(each: Budgets, place: int, x: svg.Axis, *, redacted: bool) -> str:
    kind = f"b-{place % 4}"
    shapes = []
    for task, shares in each.lines.items():
        places = [(x.x(float(step.window)), svg.SHARES.y(share)) for step, share in zip(each.steps, shares, strict=True) if share is not None]
        if len(places) > 1:
            shapes.append(svg.titled(svg.path(places, f"{kind} b-task"), "a task" if redacted else task))
    rates = [(x.x(float(step.window)), svg.SHARES.y(step.passed / step.decided)) for step in each.steps if step.decided]
    return "".join(shapes) + (svg.path(rates, f"{kind} b-all") if rates else "") + "".join(svg.element("circle", cx=at, cy=up, r=4, class_=kind) for at, up in rates)


def scores(told: Loss) -> Plot:
    """Precision and recall of each kind with Wilson's lower bound, on the labelled corpus."""
    count = sum(score.positives for score in told.scores)
    foot = f"n = {count:,} planted faults; nothing censored; no window is cut in the corpus but on purpose; detectors {', '.join(told.measure)}, {told.standing}"
    made = Plot(14, "How far the detectors may be trusted", "", "", "", foot)
    if not told.scores:
        return msgspec.structs.replace(made, why=f"Not drawn: {told.standing}.")
    words = _together(told.scores)
    rows = "".join(_score(score, 26 + ROW * place) for place, score in enumerate(told.scores))
    head = svg.text(72, 12, "precision", kind="name") + svg.text(226, 12, "recall", kind="name") + svg.text(svg.WIDE - svg.RIGHT, 12, "planted", anchor="end", kind="name")
    drawn = svg.drawing(head + rows, words, high=30 + ROW * len(told.scores))
    return msgspec.structs.replace(made, svg=drawn, legend=(("s-good", "in headlines"), ("s-bad", "experimental")), said=words)


def _together(scores: Sequence[Score]) -> str:
    """The worst of those in headlines, and which are in none by why; each one's own figures stand with its bar."""
    good, loose = [each for each in scores if each.good], dict[str, list[str]]()
    for each in scores:
        if not each.good:
            loose.setdefault(each.why or "experimental", []).append(each.kind)
    least = [min((value for each in good if (value := getattr(each, figure)) is not None), default=None) for figure in ("precision", "recall")]
    held = f"{counted(len(good), 'kind')} in headlines: precision {_share(least[0], None)} or more, recall {_share(least[1], None)} or more" if good else "no kind in headlines"
    return "; ".join((held, *(f"in none, {why}: {' '.join(kinds)}" for why, kinds in loose.items())))


def _words(score: Score) -> str:
    return (
        f"{score.kind} version {score.version}: precision {_share(score.precision, score.precision_low)}, recall {_share(score.recall, score.recall_low)},"
        f" {score.positives} planted, {score.negatives} clean{'' if score.good else f', in no headline: {score.why}'}"
    )


def _share(figure: float | None, low: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f} (from {low:.3f})" if low is not None else f"{figure:.3f}"


def _score(score: Score, y: float) -> str:
    kind = "s-good" if score.good else "s-bad"
    shapes = [svg.text(6, y, f"{score.kind} v{score.version}")]
    for left, figure, low in ((72, score.precision, score.precision_low), (226, score.recall, score.recall_low)):
        shapes.append(svg.element("rect", x=left, y=y - 9, width=90, height=10, class_="s-rail"))
        if figure is not None:
            shapes.append(svg.element("rect", x=left, y=y - 9, width=round(90 * figure, 1), height=10, class_=kind))
            shapes += [svg.line(left + 90 * low, y - 11, left + 90 * low, y + 3, "s-low")] if low is not None else []
        shapes.append(svg.text(left + 96, y, "-" if figure is None else f"{figure:.3f}"))
    shapes.append(svg.text(svg.WIDE - svg.RIGHT, y, f"{score.positives:,}", anchor="end"))
    return svg.titled("".join(shapes), _words(score))
