"""A Summary as tables for a terminal of any width."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from harness.report.summary import Counts, Summary

MARK = {"passed": "✓", "failed": "✗", "broken": "!", "invalid": "?", "pending": "…"}
STYLE = {"passed": "green", "failed": "yellow", "broken": "red", "invalid": "magenta", "pending": "dim"}


def show(told: Summary, console: Console) -> None:
    """The first line with all counts, the warnings, the table of cells and the grid of tasks."""
    console.print(counts_line(told.counts), highlight=False)
    for warning in told.warnings:
        console.print(f"note: {warning}", style="dim", highlight=False)
    console.print(cells(told))
    console.print(grid(told))


def counts_line(told: Counts) -> str:
    """Planned = passed + failed + broken + invalid + pending, spelled out."""
    return (
        f"planned {told.planned} = {told.passed} passed + {told.failed} failed + {told.broken} broken"
        f" + {told.invalid} invalid + {told.pending} pending"
    )


def cells(told: Summary) -> Table:
    table = Table(box=None, padding=(0, 1))
    for title in ("model", "agent"):
        table.add_column(title, overflow="fold")
    for title in ("planned", "passed", "failed", "broken", "invalid", "pending", "rate", "worst-best", "turns", "tokens", "cost", "s"):
        table.add_column(title, justify="right", no_wrap=True)
    for cell in told.cells:
        n = cell.counts
        table.add_row(
            cell.model, cell.agent, *map(str, (n.planned, n.passed, n.failed, n.broken, n.invalid, n.pending)),
            _rate(cell.rate if cell.judged else None), f"{_rate(cell.worst)}-{_rate(cell.best)}", _figure(cell.turns),
            _figure(cell.tokens), "" if cell.cost_usd is None else f"${cell.cost_usd:.2f}", _figure(cell.seconds, 1),
        )
    return table


def grid(told: Summary) -> Table:
    """Task by combination, one mark per attempt."""
    pairs = [(cell.model, cell.agent) for cell in told.cells]
    table = Table(box=None, padding=(0, 1))
    table.add_column("task", overflow="fold")
    for model, agent in pairs:
        table.add_column(agent if model == "none" else f"{agent} x {model}", overflow="fold")
    for task in dict.fromkeys(row.task for row in told.rows):
        marks = []
        for pair in pairs:
            rows = [row for row in told.rows if row.task == task and (row.model, row.agent) == pair]
            marks.append(" ".join(f"[{STYLE[row.outcome]}]{MARK[row.outcome]} {row.reason}[/]" for row in rows))
        table.add_row(task, *marks)
    return table


def _rate(figure: float | None) -> str:
    return "-" if figure is None else f"{100 * figure:.0f} %"


def _figure(figure: float | None, digits: int = 0) -> str:
    return "-" if figure is None else f"{figure:,.{digits}f}"
