"""An answer as a job summary in GitHub's Markdown: no name in it can become markup, a link or a mention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.answer.compare import compare_words as say
from harness.answer.compare.comparison import Answer, Comparison, Rank
from harness.report.markdown import code, plain
from harness.report.summary import percent, span

TASKS = 50
"""Of each side; the page and the JSON have all."""


def markdown(told: Answer) -> str:
    """The sentence of each comparison first, then ranks, figures, and where the sides differ."""
    return "\n".join(("## longhaul compare", "", *_notes(told.told), *_ranks(told), *(line for each in told.comparisons for line in _comparison(each, told))))


def _comparison(told: Comparison, answer: Answer) -> Iterator[str]:
    yield f"### {plain(say.title(told))}"
    yield ""
    yield f"**{plain(told.sentence)}**"
    yield ""
    yield from _notes((*told.doubts, *say.cases(told), *say.dominated(told), *told.told))
    names = say.sides(told)
    yield from _table(("side", *say.FIGURES, *say.ks(answer)), [(code(name), *say.row(side, answer.k)) for name, side in zip(names, (told.a, told.b), strict=True)])
    for group in say.only(told):
        yield f"{plain(group.title)}:"
        yield ""
        yield from _table(say.ONLY, [(code(task), share, *(plain(say.address(told, mark)) for mark in marks)) for task, share, *marks in group.tasks[:TASKS]])
        if len(group.tasks) > TASKS:
            yield f"{len(group.tasks) - TASKS:,} more are in the JSON."
            yield ""
    if told.reasons:
        yield from _table(("reason", *map(code, names)), [(plain(reason), f"{a:,}", f"{b:,}") for reason, a, b in told.reasons])


def _notes(words: Iterable[str]) -> Iterator[str]:
    held = [f"- {plain(each)}" for each in words]
    yield from (*held, "") if held else ()


def _ranks(told: Answer) -> Iterator[str]:
    if told.ranks:
        rows = [(say.rank(each), code(say.ranked(each, told.ranks)), percent(each.rate), _interval(each), plain(each.regime)) for each in told.ranks]
        yield from _table(("rank", "side", "rate", "95 %", "window"), rows)


def _interval(each: Rank) -> str:
    return span(each.interval.low, each.interval.high) if each.interval else "-"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'|'.join('---' for _ in titles)}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
