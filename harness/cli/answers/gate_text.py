"""A gate for a terminal of any width: the word first, then figures, then what stands behind them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from harness.answer.night import gate_words as say
from harness.answer.night.gate import Gate, headline
from harness.answer.night.judging import Judged, TaskThen
from harness.cli.screen.layout import lay, plain, tell
from harness.report.story import safe
from harness.report.summary import counted, percent

STYLE = {"ok": "bold green", "regressed": "bold red", "undecided": "bold yellow"}
FIGURES = ("baseline", "tonight", "95 %", "points", "95 % of points", "p", "tasks", "broken")
TASKS = 20
"""Lines of tasks per side; the summary and the JSON have more."""


def show(told: Gate, console: Console) -> None:
    """Nothing here is counted: every figure is the gate's."""
    word, _, rest = headline(told).partition(":")
    tell(console, Text.assemble((word, STYLE[told.word]), f": {safe(say.line(rest))}"))
    lay(console, ("side", "word", *FIGURES), [_row(side) for side in told.sides], names=2, figures=FIGURES)
    for words in say.notes(told):
        tell(console, f"- {say.line(words)}", indent=2)
    for side in told.sides:
        if not side.control:
            _new(told, side, console)
            _flaky(side, console)


def _row(side: Judged) -> tuple[str | Text, ...]:
    seen = side.changes["seen"]
    word = Text(say.word(side), "dim" if side.control else STYLE[side.word])
    return (say.name(side.who), word, say.rate(side.then), say.rate(side.now), say.within(side.now), say.fell(seen), say.bounds(seen),
            say.p(side.p_holm), str(side.tasks), percent(side.now.broken, 1))  # fmt: skip


def _new(told: Gate, side: Judged, console: Console) -> None:
    if not side.new_failures:
        return
    console.print()
    tell(console, f"new failures of {say.name(side.who)}: always passed before (longhaul show {told.run} TRIAL tells why)")
    rows = [(say.line(each.task), say.share(each.then), say.share(each.now), say.trials(each)) for each in side.new_failures[:TASKS]]
    lay(console, ("task", "baseline", "tonight", "trials"), rows)
    _more(side.new_failures, console)


def _flaky(side: Judged, console: Console) -> None:
    if not side.flaky:
        return
    console.print()
    tell(console, f"{counted(len(side.flaky), 'flaky task')} of {say.name(side.who)}: both outcomes of one task, weighted by their own noise")
    rows = [(say.line(each.task), say.share(each.then), say.share(each.now)) for each in side.flaky[:TASKS]]
    lay(console, ("task", "baseline", "tonight"), rows)
    _more(side.flaky, console)


def _more(found: Sequence[TaskThen], console: Console) -> None:
    if len(found) > TASKS:
        console.print(plain(f"... {len(found) - TASKS:,} more: --json has all"))
