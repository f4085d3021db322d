"""A Summary for a terminal of any width: counts, warnings, a row per cell, and what became of each task."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.cli.layout import Word, lay
from harness.plan import NO_MODEL
from harness.report.summary import Cell, Counts, Summary

MARK = {"passed": "✓", "failed": "✗", "broken": "!", "invalid": "?", "pending": "…"}
STYLE = {"passed": "green", "failed": "yellow", "broken": "red", "invalid": "magenta", "pending": "dim"}
NAMES = ("agent", "model", "thinking")
FIGURES = ("planned", "passed", "failed", "broken", "invalid", "pending", "rate", "worst-best", "turns", "tokens", "cost", "seconds")


def show(told: Summary, console: Console) -> None:
    """The first line with all counts, the warnings, the table of cells and the grid of tasks."""
    console.print(counts_line(told.counts), highlight=False)
    for warning in told.warnings:
        console.print(f"note: {warning}", style="dim", highlight=False, markup=False)
    lay(console, (*NAMES, *FIGURES), [_row(cell) for cell in told.cells], names=len(NAMES), figures=FIGURES)
    _grid(told, console)


def counts_line(told: Counts) -> str:
    """Planned = passed + failed + broken + invalid + pending, spelled out."""
    return (
        f"planned {told.planned} = {told.passed} passed + {told.failed} failed + {told.broken} broken"
        f" + {told.invalid} invalid + {told.pending} pending"
    )


def _row(cell: Cell) -> tuple[str, ...]:
    n = cell.counts
    return (
        cell.agent, _model(cell.model), cell.thinking or "-", *map(str, (n.planned, n.passed, n.failed, n.broken, n.invalid, n.pending)),
        _rate(cell.rate) if cell.judged else "-", _span(cell), _figure(cell.turns), _figure(cell.tokens),
        "-" if cell.cost_usd is None else f"${cell.cost_usd:.2f}", _figure(cell.seconds, 1),
    )


def _grid(told: Summary, console: Console) -> None:
    """Task by combination, one mark per attempt."""
    pairs = [(cell.model, cell.agent) for cell in told.cells]
    tasks = dict.fromkeys(row.task for row in told.rows)
    rows: list[list[Word]] = [[task, *(_marks(told, task, pair) for pair in pairs)] for task in tasks]
    lay(console, ("task", *(who(agent, model) for model, agent in pairs)), rows, marks=True)


def _marks(told: Summary, task: str, pair: tuple[str, str]) -> Text:
    chosen = [row for row in told.rows if row.task == task and (row.model, row.agent) == pair]
    return Text(" ").join(Text.assemble((_mark(row.outcome, row.reason), STYLE[row.outcome]), (f" {row.trial}", "dim")) for row in chosen)


def _mark(outcome: str, reason: str) -> str:
    return f"{MARK[outcome]} {'pending' if outcome == 'pending' else reason}"


def who(agent: str, model: str) -> str:
    """An agent with the model it asks, if it asks one."""
    return agent if model == NO_MODEL else f"{agent} x {model}"


def _model(name: str) -> str:
    return "-" if name == NO_MODEL else name


def _span(cell: Cell) -> str:
    return "-" if cell.worst is None else f"{_rate(cell.worst)} to {_rate(cell.best)}"


def _rate(figure: float | None) -> str:
    return "-" if figure is None else f"{100 * figure:.0f} %"


def _figure(figure: float | None, digits: int = 0) -> str:
    return "-" if figure is None else f"{figure:,.{digits}f}"
