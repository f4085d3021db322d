"""An Overview for a terminal of any width: counts, warnings, a row per cell, and what became of each task."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.cli.screen.layout import Word, lay, tell
from harness.report.cells import Cell
from harness.report.overview import GridRow, Mark, Overview
from harness.report.story import safe
from harness.report.strata import stratum
from harness.report.summary import ASKS_NONE, counts_line, dollars, figure, percent, span, who

MARK = {"passed": "✓", "failed": "✗", "broken": "!", "invalid": "?", "pending": "…"}
STYLE = {"passed": "green", "failed": "yellow", "broken": "red", "invalid": "magenta", "pending": "dim"}
NAMES = ("agent", "model", "thinking")
FIGURES = (
    "planned", "passed", "failed", "broken", "invalid", "pending", "rate", "interval", "worst-best", "turns", "tokens", "cost", "seconds",
)  # fmt: skip
LEGEND = "rate: mean over tasks, with its 95 % interval; turns, tokens, seconds: means over trials"
GRID_ROWS = 50
"""Of so many tasks each has its line; who looks for one of five hundred looks in the page, which can filter."""


def show(told: Overview, console: Console) -> None:
    """The first line with all counts, the warnings, the table of cells and the grid of tasks."""
    console.print(counts_line(told.counts), highlight=False)
    for warning in told.warnings:
        console.print(Text(f"note: {safe(warning)}", "dim"), highlight=False)
    lay(console, (*NAMES, *FIGURES), [_row(cell) for cell in told.cells], names=len(NAMES), figures=FIGURES)
    if any(cell.rate is not None for cell in told.cells):
        console.print(Text(LEGEND, "dim"), highlight=False)
    _strata(told, console)
    _grid(told, console)


def hint(told: Overview, console: Console) -> None:
    """Two bars that overlap are no answer: where there are two models, the command that has one."""
    if told.run and len({cell.model for cell in told.cells} - {ASKS_NONE}) > 1:
        tell(console, f"which of them is better: longhaul compare {told.run}")


def _strata(told: Overview, console: Console) -> None:
    """Rates told apart by the model's cutoff and by the clock, where there is something to tell."""
    for word, title in (("by_cutoff", "tasks made against the model's cutoff"), ("by_clock", "passes within")):
        held = [(cell, getattr(cell, word)) for cell in told.cells if getattr(cell, word)]
        names = [each.name for each in held[0][1]] if held else []
        rows = [(who(cell.agent, cell.model, cell.variant), *map(stratum, strata)) for cell, strata in held]
        if rows:
            console.print(Text(title, "dim"), highlight=False)
            lay(console, ("who", *names), rows, figures=tuple(names))


def _row(cell: Cell) -> tuple[str, ...]:
    n = cell.counts
    return (
        " ".join(filter(None, (cell.agent, cell.variant))), _model(cell.model), cell.thinking or "-",
        *map(str, (n.planned, n.passed, n.failed, n.broken, n.invalid, n.pending)),
        percent(cell.rate) if cell.judged else "-", _interval(cell), span(cell.worst, cell.best), figure(cell.turns), figure(cell.tokens),
        dollars(cell.cost_usd), figure(cell.seconds, 1),
    )  # fmt: skip


def _grid(told: Overview, console: Console) -> None:
    """Task by combination, one mark per attempt."""
    rows = [_line(row) for row in told.grid[:GRID_ROWS]]
    heads = [who(cell.agent, cell.model, cell.variant) for cell in told.cells]
    lay(console, ("task", *heads), rows, marks=True)
    if (more := len(told.grid) - len(rows)) > 0:
        tell(console, f"... {more} more tasks: longhaul report {told.run} --html FILE shows all")


def _line(row: GridRow) -> list[Word]:
    return [row.task, *(Text(" ").join(map(_mark, marks)) for marks in row.marks)]


def _mark(mark: Mark) -> Text:
    word = "pending" if mark.outcome == "pending" else mark.reason
    return Text.assemble((f"{MARK[mark.outcome]} {word}", STYLE[mark.outcome]), (f" {mark.trial}", "dim"))


def _model(name: str) -> str:
    return "-" if name == ASKS_NONE else name


def _interval(cell: Cell) -> str:
    return span(cell.interval.low, cell.interval.high) if cell.interval and cell.judged else "-"
