"""All plots of a group in the order of their numbers, and what those that are drawn say in words, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from harness.report.context import factors, plot_cells, plot_curves, plot_rest
from harness.report.context.figures import Figures
from harness.report.context.loss import Group, Loss
from harness.report.context.plot import Plot
from harness.report.context.retained import Recalled

CLOCKS = {"turns": "kept, by turns", "tokens": "kept, by tokens", "distance": "kept, by tokens back"}


def plots(told: Loss, group: Group) -> tuple[Plot, ...]:
    """Those of the whole run stand in `plot_rest`, a trial's lanes in `plot_lane`."""
    return tuple(_plots(told, group))


def _plots(told: Loss, group: Group) -> Iterator[Plot]:
    figures = group.figures
    if figures is None:
        return
    yield from (plot_curves.kept(told, group, each) for each in figures.kept)
    yield from (plot_curves.recalled(told, group, each) for each in figures.recalled)
    yield plot_cells.heat(told, group, figures)
    yield plot_cells.knows(told, group, figures)
    yield plot_cells.why(told, group, figures)
    yield plot_cells.malformed(told, group, figures.malformed)


def drawn(told: Loss, group: Group) -> tuple[str, ...]:
    """The sentences of the curves and cells that stand above the floors, and of those of which guesses leave nothing; last, why curves stay away."""
    figures = group.figures
    if figures is None:
        return ()
    curves = [f"{CLOCKS[each.clock]}: {plot_curves.said(each)}" for each in figures.kept if each.curve is not None]
    recalled = [f"retention{'' if each.name == 'all' else f' of {each.name}'}: {plot_curves.retained(each)}" for each in figures.recalled if _telling(each)]
    calls = [f"calls: {plot_cells.depths(figures.malformed)}"] if not figures.malformed.lacking and figures.malformed.bad else []
    hanging = factors.said(figures.factors)
    cells = (plot_cells.heat(told, group, figures), plot_cells.knows(told, group, figures), plot_cells.why(told, group, figures))
    return (*curves, *recalled, *((hanging,) if hanging else ()), *map(sentence, cells), *calls, _undrawn(figures))


def _undrawn(figures: Figures) -> str:
    """The curves that stay away, by why."""
    every = next((each for each in figures.recalled if each.name == "all"), None)
    reasons = [(CLOCKS[each.clock], each.lacking) for each in figures.kept if each.curve is None]
    reasons += [("retention", every.lacking)] if every and not _telling(every) else []
    found: dict[str, list[str]] = {}
    for name, why in reasons:
        found.setdefault(why, []).append(name)
    return "; ".join(f"no curve of {', '.join(names)} ({why})" for why, names in found.items() if why)


def _telling(each: Recalled) -> bool:
    return bool(each.told or each.left or each.dropped or each.guess is not None)


def whole(told: Loss) -> tuple[str, ...]:
    """The sentences of the plots of the whole run."""
    return tuple(map(sentence, (plot_rest.budgets(told, redacted=False), plot_rest.scores(told))))


def sentence(plot: Plot) -> str:
    """What a plot shows in words, "" where nothing is drawn."""
    return f"{plot.title[:1].lower()}{plot.title[1:]}: {plot.said}" if plot.svg else ""
