"""An answer on a terminal of any width: the sentence first, its doubts, then the figures and where the sides differ."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from harness.answer.compare import compare_words as say
from harness.answer.compare.comparison import Answer, Comparison
from harness.cli.screen.layout import lay, tell
from harness.report.story import safe
from harness.report.summary import percent, span

WORDS = {"equal": "bold green", "better": "bold green", "worse": "bold red", "undecided": "bold yellow", "": "bold yellow"}
TASKS = 12
"""Lines of tasks per side; the page and the JSON have all."""
WHOLE = 2
"""Of so many comparisons each is told in full; of more the words are told, and each can be asked for."""


def show(told: Answer, console: Console) -> None:
    """Nothing here is counted: every figure is the answer's."""
    for words in told.told:
        _note(words, console)
    whole = len(told.comparisons) <= WHOLE
    for each in told.comparisons:
        _said(each, console)
        if whole:
            _figures(each, told, console)
            _differences(each, console)
    _ranks(told, console)
    if not whole:
        tell(console, Text("figures and tasks of one pair: longhaul compare RUN -a SIDE -b SIDE; of all: --html FILE", "dim"))


def _said(told: Comparison, console: Console) -> None:
    """The window, the sentence, and what weakens it."""
    tell(console, Text(safe(say.title(told)), "dim"))
    tell(console, Text(safe(told.sentence), WORDS[told.word]))
    for words in (*told.doubts, *say.cases(told), *told.told):
        _note(words, console)


def _note(words: str, console: Console) -> None:
    tell(console, Text(safe(f"note: {words}"), "dim"), indent=2)


def _figures(told: Comparison, answer: Answer, console: Console) -> None:
    titles = ("side", *say.FIGURES, *say.ks(answer))
    rows = [(name, *say.row(side, answer.k)) for name, side in zip(say.sides(told), (told.a, told.b), strict=True)]
    lay(console, titles, rows, figures=titles[1:])
    tell(console, Text(say.LEGEND, "dim"))
    for words in say.dominated(told):
        tell(console, words)


def _differences(told: Comparison, console: Console) -> None:
    for group in say.only(told):
        tell(console, f"{group.title}:")
        lay(console, say.ONLY, [(task, share, *(say.address(told, mark) for mark in marks)) for task, share, *marks in group.tasks[:TASKS]])
        if len(group.tasks) > TASKS:
            tell(console, f"... {len(group.tasks) - TASKS:,} more: --html FILE and --json have all")
    # Sides as rows: their names are words of others, and a title is ours.
    reasons = [reason for reason, _, _ in told.reasons]
    counts = zip(*((a, b) for _, a, b in told.reasons), strict=True)
    rows = [(name, *map(str, its)) for name, its in zip(say.sides(told), counts, strict=False)]
    lay(console, ("did not pass because", *reasons), rows, figures=reasons)
    looked = next((failed for group in say.only(told) for _, _, _, failed in group.tasks), None)
    if looked:
        tell(console, f"what happened in {looked.trial}: longhaul show {looked.run} {looked.trial}")


def _ranks(told: Answer, console: Console) -> None:
    rows = [(say.rank(each), say.ranked(each, told.ranks), percent(each.rate), span(each.interval.low, each.interval.high) if each.interval else "-", each.regime) for each in told.ranks]
    lay(console, ("rank", "side", "rate", "interval", "window"), rows, names=2, figures=("rate", "interval"))
    if rows:
        tell(console, Text("a rank is 1 + how many were proven better; sides that nothing tells apart share their ranks", "dim"))
