"""What changes how to read the numbers: each caution names its trials."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from harness.core.trial import COUNTED
from harness.metrics.row import Row
from harness.report.cells import BROKEN_BOUND, DOUBTFUL, Cell
from harness.report.summary import broken_share, counted, percent, who

FEW_TASKS = 10


class Caution(msgspec.Struct, frozen=True):
    """`kind` is one of the words in docs/json.md; `text` a sentence; `trials` whom it concerns, () for all."""

    kind: str
    text: str
    trials: tuple[str, ...] = ()


FLAGS = {
    "thinking dropped by the server": "thinking_dropped",
    "code left the machine": "remote",
    "weaker sandbox": "weaker_sandbox",
    "truncation not excluded": "truncation",
    "reward by script": "reward_by_script",
}
"""Flag of a row -> kind of caution; other flags have the kind "flag"."""
UNSPOKEN = ("no oracle", "unvalidated", *DOUBTFUL)
"""Flags that have cautions of their own."""


def cautions(rows: Sequence[Row], cells: Sequence[Cell]) -> tuple[Caution, ...]:
    """The gravest first: what may make a number wrong, then what makes it uncertain, then what one should know."""
    return tuple(caution for source in (_broken(cells), _windows(rows), _flagged(rows), _doubted(rows), _tasks(rows), _origins(rows), _mixed(rows)) for caution in source)


def _broken(cells: Sequence[Cell]) -> Iterator[Caution]:
    for cell in cells:
        if not cell.judged:
            text = f"{percent(broken_share(cell.counts))} of {who(cell.agent, cell.model, cell.variant)} broke, above {percent(BROKEN_BOUND)}: no rate is given"
            yield Caution("broken", text)


def _windows(rows: Sequence[Row]) -> Iterator[Caution]:
    yield from _one("smaller_window", "the server granted a smaller window than asked", rows, _cramped)
    yield from _one("window_cuts", "the server took something from the model's sight, as its defaults have it and the arm declares", rows, _declared)
    yield from _one("counted", "run to be counted independently, and outside the rates", rows, lambda row: row.variant == COUNTED)
    yield from _one("offload", "the model's weights were not wholly on a GPU", rows, _offloaded)


def _cramped(row: Row) -> bool:
    return bool(row.window.asked and row.window.granted and row.window.granted < row.window.asked)


def _declared(row: Row) -> bool:
    return row.window_cuts > 0 and row.outcome != "broken"


def _offloaded(row: Row) -> bool:
    facts = row.environment.model
    return facts is not None and facts.on_gpu is not None and facts.on_gpu < 1


def _flagged(rows: Sequence[Row]) -> Iterator[Caution]:
    found = sorted({flag for row in rows for flag in row.flags} - set(UNSPOKEN), key=_rank)
    for flag in found:
        yield from _one(FLAGS.get(flag, "flag"), flag, rows, _has(flag))


def _rank(flag: str) -> tuple[int, str]:
    return (list(FLAGS).index(flag) if flag in FLAGS else len(FLAGS), flag)


def _has(flag: str) -> Callable[[Row], bool]:
    return lambda row: flag in row.flags


def _doubted(rows: Sequence[Row]) -> Iterator[Caution]:
    yield from _one("disputed", "the official and the strict reading disagree", rows, lambda row: "disputed" in (row.reason, *row.flags))
    yield from _one("suspicious", "forging could not be excluded", rows, lambda row: "suspicious" in (row.reason, *row.flags))


def _tasks(rows: Sequence[Row]) -> Iterator[Caution]:
    bare = {row.task for row in rows if "unvalidated" in row.flags or not row.oracle}
    if bare:
        words = "of 1 task nothing shows that it" if len(bare) == 1 else f"of {len(bare):,} tasks nothing shows that they"
        yield Caution("unvalidated", f"{words} can be solved", _trials(row for row in rows if row.task in bare))
    yield from _one("draft", "the request is a draft that nobody has accepted, and stands outside the rates", rows, lambda row: row.draft)
    tasks = len({row.task for row in rows})
    if tasks < FEW_TASKS:
        yield Caution("few_tasks", f"{counted(tasks, 'task')} {'is' if tasks == 1 else 'are'} too few to rank models by")


def _origins(rows: Sequence[Row]) -> Iterator[Caution]:
    yield from _one("forks", "forked from another trial, whose past they did not pay for", rows, forked)
    yield from _one("continued", "continued after an interruption", rows, lambda row: row.origin == "continued")


def forked(row: Row) -> bool:
    """A continued trial has a parent, too: an earlier try of its own."""
    return row.parent is not None and row.origin != "continued"


def _mixed(rows: Sequence[Row]) -> Iterator[Caution]:
    """Trials that should be alike were not made by the same thing. A trial that never met its model tells nothing of its digest."""
    begun = [row for row in rows if row.environment.harness]
    for kind, what, key in (
        ("mixed_model", "a model's digest", lambda row: (row.model, row.digests.model)),
        ("mixed_harness", "the harness", lambda row: ("", row.environment.harness)),
    ):
        names = [name for name, word in {key(row) for row in begun} if word]
        if len(names) != len(set(names)):
            yield Caution(kind, f"{what} changed during the run")


def _one(kind: str, text: str, rows: Sequence[Row], concerns: Callable[[Row], bool]) -> Iterator[Caution]:
    found = _trials(filter(concerns, rows))
    if found:
        yield Caution(kind, f"{text}: {counted(len(found), 'trial')}", found)


def _trials(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(row.trial for row in rows)


def noted(notes: Sequence[tuple[str, str]]) -> Iterator[Caution]:
    """What the run itself remarked: what it chose of its plan, a limit that left trials pending, a change that its user accepted."""
    for kind, words in notes:
        yield Caution("chosen", _chosen(words)) if kind == "chosen" else Caution("limit", words) if kind == "limit" else Caution("changed", _change(words))


class _Chosen(msgspec.Struct, frozen=True):
    hours: float
    tasks: tuple[str, ...]
    of_tasks: int
    attempts: int
    of_attempts: int


def _chosen(words: str) -> str:
    try:
        found = msgspec.json.decode(words, type=_Chosen)
    except msgspec.MsgspecError:
        return f"chosen of the plan: {words}"
    return f"for {found.hours:g} hours {len(found.tasks):,} of {found.of_tasks:,} tasks and {found.attempts} of {found.of_attempts} attempts of the plan were chosen"


def _change(words: str) -> str:
    try:
        found = msgspec.json.decode(words, type=_Change)
    except msgspec.MsgspecError:
        return f"changed while the run was under way: {words}"
    return f"{found.field} changed while the run was under way, from {found.then} to {found.now}"


class _Change(msgspec.Struct, frozen=True):
    field: str
    then: str
    now: str
