"""An Overview as a job summary in GitHub's Markdown: names and sentences in it can't become markup, links or mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.report.cells import Cell
from harness.report.characters import visible
from harness.report.overview import GridRow, Mark, Overview
from harness.report.strata import stratum
from harness.report.summary import ASKS_NONE, counts_line, dollars, figure, percent, span, who

MARK = {"passed": "✓", "failed": "✗", "broken": "!", "invalid": "?", "pending": "…"}
TASKS = 200
"""Rows of the grid: a summary is cut at 1 MiB, and nobody reads further."""
LONGEST = 200
"""Characters of a name."""
_MARKS = re.compile(r"[!\"#$%&()*+./:;<=>?@\[\\\]^_`{|}~]")
"""What may be markup, or make a link of a word; a hyphen is neither inside a line."""
_CALLS = ("&#64;", "&#35;")
"""@ and #, which call a person or an issue even when they are written as numbers."""
_RATES = (
    "agent", "model", "thinking", "planned", "passed", "failed", "broken", "invalid", "pending", "rate", "95 %", "worst-best", "turns",
    "tokens", "cost", "seconds",
)  # fmt: skip


def markdown(told: Overview) -> str:
    """Counts, warnings, rates, pass@k, the grid of tasks, and why conversations ended."""
    parts = (_head(told), _rates(told.cells), _strata(told.cells), _at_k(told.cells), _grid(told), _stops(told.cells))
    return "\n".join(line for part in parts for line in part)


def code(name: str) -> str:
    """A name as code: no mention, issue or link is looked for in it, and no character of it is markup."""
    short = name if len(name) <= LONGEST else f"{name[:LONGEST]}…"
    return f"<code>{_entities(' '.join(visible(short).split()))}</code>" if short.strip() else "<code>?</code>"


def plain(sentence: str) -> str:
    """A sentence that reads as it is; a zero-width space keeps @ and # from calling anybody."""
    told = _entities(" ".join(visible(sentence).split()))
    for call in _CALLS:
        told = told.replace(call, f"{call}&#8203;")
    return told


def _entities(text: str) -> str:
    """Every such mark as a number, which Markdown does not read as markup."""
    return _MARKS.sub(lambda found: f"&#{ord(found[0])};", text)


def _head(told: Overview) -> Iterator[str]:
    yield f"## longhaul {code(told.about.name or told.run)}" if told.about.name or told.run else "## longhaul"
    yield ""
    yield f"**{counts_line(told.counts)}**"
    yield ""
    for warning in told.warnings:
        yield f"- {plain(warning)}"
    if told.warnings:
        yield ""


def _rates(cells: Sequence[Cell]) -> Iterator[str]:
    yield from _table(_RATES, (_rate(cell) for cell in cells), names=3)


def _rate(cell: Cell) -> tuple[str, ...]:
    n = cell.counts
    interval = cell.interval if cell.judged else None
    agent = code(" ".join(filter(None, (cell.agent, cell.variant))))
    return (
        agent, "-" if cell.model == ASKS_NONE else code(cell.model), plain(cell.thinking) or "-",
        *map(str, (n.planned, n.passed, n.failed, n.broken, n.invalid, n.pending)), percent(cell.rate if cell.judged else None),
        span(interval.low, interval.high) if interval else "-", span(cell.worst, cell.best), figure(cell.turns), figure(cell.tokens),
        dollars(cell.cost_usd), figure(cell.seconds, 1),
    )  # fmt: skip


def _strata(cells: Sequence[Cell]) -> Iterator[str]:
    for word, title in (("by_cutoff", "tasks made against the model's cutoff"), ("by_clock", "passes within")):
        held = [(cell, getattr(cell, word)) for cell in cells if getattr(cell, word)]
        if held:
            yield from _table((title, *(each.name for each in held[0][1])), ((_who(cell), *map(stratum, told)) for cell, told in held), names=1)


def _at_k(cells: Sequence[Cell]) -> Iterator[str]:
    """One attempt has nothing to show beside the rate."""
    most = max((len(cell.at_k) for cell in cells), default=0)
    if most < 2:
        return
    ks = range(most)
    titles = ("combination", *(f"pass@{k + 1}" for k in ks), *(f"pass^{k + 1}" for k in ks))
    yield from _table(titles, (_ks(cell) for cell in cells if len(cell.at_k) == most), names=1)


def _ks(cell: Cell) -> tuple[str, ...]:
    told = [(each.pass_at_k, each.pass_hat_k) if cell.judged else (None, None) for each in cell.at_k]
    return (_who(cell), *(percent(any_of) for any_of, _ in told), *(percent(all_of) for _, all_of in told))


def _grid(told: Overview) -> Iterator[str]:
    """The first tasks in plan order; how many more there are stands below."""
    yield from _table(("task", *map(_who, told.cells)), map(_line, told.grid[:TASKS]), names=1 + len(told.cells))
    if len(told.grid) > TASKS:
        yield f"{len(told.grid) - TASKS:,} more tasks are in the page and in the JSON."
        yield ""


def _line(row: GridRow) -> tuple[str, ...]:
    return (code(row.task), *(" ".join(map(_mark, marks)) or "-" for marks in row.marks))


def _mark(mark: Mark) -> str:
    return f"{MARK[mark.outcome]} {plain('pending' if mark.outcome == 'pending' else mark.reason)}"


def _stops(cells: Sequence[Cell]) -> Iterator[str]:
    named = [name for name, _ in cells[0].stops] if cells else []
    used = [name for name in named if any(dict(cell.stops)[name] for cell in cells)]
    yield from _table(("ended by", *(name.replace("_", " ") for name in used)), ([_who(cell), *(str(dict(cell.stops)[name]) for name in used)] for cell in cells), names=1)


def _who(cell: Cell) -> str:
    return code(who(cell.agent, cell.model, cell.variant))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], names: int) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'|'.join('---' if index < names else '---:' for index in range(len(titles)))}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
