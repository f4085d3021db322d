"""A gate as a job summary in GitHub's Markdown: the word, the figures, the new failures with their trials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from harness.answer.night import gate_words as say
from harness.answer.night.gate import Gate
from harness.answer.night.judging import Judged, TaskThen, Trial
from harness.report.markdown import code, plain
from harness.report.summary import counted, percent

TASKS = 100
"""Rows of a table of tasks: a summary is cut at 1 MiB, and nobody reads further."""
TRIALS = 5
"""Of one task; beside its name stands how many there are."""
MARK = {"ok": "🟢", "regressed": "🔴", "undecided": "🟡"}
_FIGURES = ("side", "word", "baseline", "tonight", "95 %", "points", "95 % of points", "p", "tasks", "broken")


def markdown(told: Gate, link: str = "") -> str:
    """`link`: where tonight's page of `longhaul report --html` will be found; a trial is linked in it. "" for no links."""
    parts = (_head(told), _sides(told.sides), _notes(told), _new(told, link), _flaky(told.sides))
    return "\n".join(line for part in parts for line in part)


def _head(told: Gate) -> Iterator[str]:
    yield f"## {MARK[told.word]} gate: {told.word}"
    yield ""
    strict = ", strict" if told.strict else ""
    yield f"{code(told.name or told.run)} against a baseline of {', '.join(map(code, told.baseline.runs))}; a drop of {100 * told.max_drop:g} points matters{strict}."
    yield ""


def _sides(sides: Sequence[Judged]) -> Iterator[str]:
    yield from _table(_FIGURES, map(_side, sides), names=2)


def _side(side: Judged) -> tuple[str, ...]:
    seen = side.changes["seen"]
    word = f"**{side.word}**" if not side.control else plain(say.word(side))
    return (code(say.name(side.who)), word, say.rate(side.then), say.rate(side.now), say.within(side.now), say.fell(seen), say.bounds(seen),
            plain(say.p(side.p_holm)), str(side.tasks), percent(side.now.broken, 1))  # fmt: skip


def _notes(told: Gate) -> Iterator[str]:
    yield from (f"- {plain(words)}" for words in say.notes(told))
    yield ""


def _new(told: Gate, link: str) -> Iterator[str]:
    for side in told.sides:
        if side.new_failures and not side.control:
            yield f"### New failures of {code(say.name(side.who))}"
            yield ""
            rows = (_task(each, link) for each in side.new_failures[:TASKS])
            yield from _table(("task", "baseline", "tonight", "trials"), rows, names=1)
            yield from _more(side.new_failures)
            yield f"{code(f'longhaul show {told.run} TRIAL')} tells one in full."
            yield ""


def _task(each: TaskThen, link: str) -> tuple[str, ...]:
    return (code(each.task), say.share(each.then), say.share(each.now), ", ".join((*(_trial(trial, link) for trial in each.trials[:TRIALS]), *(["…"] if len(each.trials) > TRIALS else []))) or "-")


def _trial(trial: Trial, link: str) -> str:
    name = f"[{plain(trial.trial)}]({quote(link, safe=':/?&=%~+,;@')}#{quote(trial.trial)})" if link else code(trial.trial)
    return f"{name} {plain(trial.reason)}"


def _flaky(sides: Sequence[Judged]) -> Iterator[str]:
    for side in sides:
        if side.flaky and not side.control:
            yield f"<details><summary>{counted(len(side.flaky), 'flaky task')} of {code(say.name(side.who))}, weighted by their own noise</summary>"
            yield ""
            rows = ((code(each.task), say.share(each.then), say.share(each.now)) for each in side.flaky[:TASKS])
            yield from _table(("task", "baseline", "tonight"), rows, names=1)
            yield from _more(side.flaky)
            yield "</details>"
            yield ""


def _more(found: Sequence[TaskThen]) -> Iterator[str]:
    if len(found) > TASKS:
        yield f"{len(found) - TASKS:,} more are in the JSON."
        yield ""


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], names: int) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'|'.join('---' if index < names else '---:' for index in range(len(titles)))}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
