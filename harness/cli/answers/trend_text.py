"""A Trend for a terminal of any width: a table of nights for each side, then the tasks that turn."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from harness.answer.night import gate_words as say
from harness.answer.night.nights import Line, Point, Trend, Turning
from harness.answer.night.sheets import FRESH
from harness.answer.side import Who
from harness.cli.answers.gate_text import STYLE
from harness.cli.screen.layout import lay, plain, tell
from harness.report.story import safe
from harness.report.summary import counted, percent, span

FIGURES = ("rate", "95 %", "fresh seeds", "points", "p", "broken", "pending")
TASKS = 20
"""Lines of turning tasks per side; the page and the JSON have all."""


def show(told: Trend, console: Console) -> None:
    """Nothing here is counted: every figure is the trend's."""
    tell(console, f"{counted(len(told.nights), 'night')} against {told.against}; a drop of {100 * told.max_drop:g} points matters")
    controls = {line.who: line for line in told.lines if line.control}
    for line in told.lines:
        if not line.control or Who(line.who.model, line.who.agent) not in {each.who for each in told.lines}:
            _line(told, line, controls.get(Who(line.who.model, line.who.agent, FRESH)), console)
    _turning(told, console)
    for broken in told.damaged:
        tell(console, f"not read: {say.line(broken.place)}: {broken.why}", indent=2)
    for words in told.told:
        tell(console, f"note: {say.line(words)}", indent=2)
    tell(console, Text(f"{counted(told.looks, 'look')}: {told.method}", "dim"))


def _line(told: Trend, line: Line, control: Line | None, console: Console) -> None:
    console.print()
    tell(console, Text(safe(say.name(line.who)), "bold"))
    fresh = {point.night: point for point in control.points} if control and control is not line else {}
    lay(console, ("night", "run", "word", *FIGURES, "changed"), [_row(told, point, fresh) for point in line.points], names=2, figures=FIGURES)
    for point in line.points:
        if point.word in ("regressed", "undecided"):
            tell(console, f"- {told.nights[point.night].run}: {say.line(point.reasons[0])}", indent=2)


def _row(told: Trend, point: Point, fresh: Mapping[int, Point]) -> tuple[str | Text, ...]:
    night, beside = told.nights[point.night], fresh.get(point.night)
    word = Text(point.word, STYLE[point.word]) if point.word else Text("reference" if point.reference else "-", "dim")
    within = span(point.interval.low, point.interval.high) if point.interval and point.judged else "-"
    return (night.created[:10], night.run, word, _rate(point), within, _rate(beside) if beside else "-", say.fell(point.change), say.p(point.p_holm),
            percent(point.counts.broken / max(1, point.counts.planned), 1), str(point.counts.pending or "-"), ", ".join(each.name for each in point.changed) or "-")  # fmt: skip


def _rate(point: Point) -> str:
    return percent(point.rate, 1) if point.judged else "-"


def _turning(told: Trend, console: Console) -> None:
    for line in told.lines:
        found = sorted((each for each in told.turning if each.who == line.who), key=lambda each: (each.passed / each.decided, each.task))
        if found:
            console.print()
            tell(console, f"{counted(len(found), 'task')} of {say.name(line.who)} with both outcomes: passed of decided, night by night")
            lay(console, ("task", "in all", "nights"), [_turn(each) for each in found[:TASKS]])
            if len(found) > TASKS:
                console.print(plain(f"... {len(found) - TASKS:,} more: --json has all"))


def _turn(each: Turning) -> tuple[str, ...]:
    return (say.line(each.task), f"{each.passed}/{each.decided}", " ".join(f"{passed}/{decided}" if decided else "-" for passed, decided in each.marks))
