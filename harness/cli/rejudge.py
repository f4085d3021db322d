"""`longhaul rejudge`: today's judge over stored traces; what it says otherwise than was said first, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import typer
from rich.console import Console

from harness.cli.record.runs import Held, held
from harness.cli.record.tried import undamaged
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError, StoreError
from harness.core.task import TaskSpec, TestIds
from harness.metrics.row import Row, row
from harness.metrics.validation import without
from harness.report.judgement import Judgement, judged
from harness.report.summary import counted
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring.digests import of_harness
from harness.wiring.sources import collect

SHOWN = 5


def rejudge(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    task: list[str] = typer.Option([], "-t", "--task", help="Judge by these tasks as they are now, where a task was corrected."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.rejudge/1."),
) -> int:
    """Apply today's judge to stored traces, and say what changed and why. Nothing is run; a change is news, not a fault.

    Without -t the verdicts are kept with the run as today's, and every report reads them. What was said first is never overwritten.

    Example: longhaul rejudge last
    """
    settings, judge = read(), of_harness()
    opened = held(run, settings)
    with undamaged(opened.store.folder):
        rows = _rows(opened, _corrected(opened.tasks, tuple(task), settings))
        first = opened.store.first_rows()
    told = tuple(judged(one, first.get(one.trial), judge) for one in rows)
    kept = "these are verdicts by the tasks as they are now, the run was on others" if task else _kept(opened, judge, rows)
    if as_json:
        body = {"schema": "longhaul.rejudge/1", "run": opened.store.meta("run"), "judge": judge, "not_kept": kept, "trials": msgspec.to_builtins(told)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
        return 0
    console = Console()
    for line in (*lines(told, judge), *((f"not kept: {kept}",) if kept else ())):
        tell(console, line)
    return 0


def _corrected(tasks: dict[str, TaskSpec], words: tuple[str, ...], settings: Settings) -> dict[str, TaskSpec]:
    """The run's tasks, those of the named sources in their place. Raises PlanError, TaskError."""
    if not words:
        return tasks
    found = collect(words, settings)
    for fault in found.faults:
        raise fault
    known = {each.id: _as_proved(each, tasks[each.id]) for each in found.tasks if each.id in tasks}
    if not known:
        raise PlanError("", "-t", ", ".join(words), f"a source with a task of this run: {', '.join(sorted(tasks)[:SHOWN])}")
    return tasks | known


def _as_proved(task: TaskSpec, ran: TaskSpec) -> TaskSpec:
    """The corrected task without the ids that its run left out as flaky, and with that run's doubts: neither is what was corrected."""
    gone = ran.check.quarantined if isinstance(ran.check, TestIds) else ()
    return msgspec.structs.replace(without(task, gone), doubts=ran.doubts)


def _rows(opened: Held, tasks: dict[str, TaskSpec]) -> tuple[Row, ...]:
    """Of settled trials: the others have no verdict yet."""
    settled, store = opened.store.settled_shorts(), opened.store
    return tuple(row(short, key, tasks[key.task], store.trace(key)) for short, key in store.keys().items() if short in settled)


def _kept(opened: Held, judge: str, rows: tuple[Row, ...]) -> str:
    """Today's rows beside the first; why not, where this store can't be written."""
    try:
        store = RunStore(opened.store.folder)
        store.keep_rows(judge, {one.trial: msgspec.json.encode(one) for one in rows})
    except StoreError as fault:
        return str(fault)
    with suppress(StoreError):
        store.close()
    return ""


def lines(told: tuple[Judgement, ...], judge: str) -> Iterator[str]:
    """The count first, then each trial of which something else is said."""
    changed = [each for each in told if each.said == "changed"]
    new = [each for each in told if each.said == "first"]
    yield f"{counted(len(told), 'settled trial')} judged by {judge}: {len(changed)} changed, {len(told) - len(changed) - len(new)} the same" + (
        f", {len(new)} never judged before" if new else ""
    )
    for each in changed:
        yield from _changed(each)
    for note in dict.fromkeys(each.note for each in new):
        trials = [each.trial for each in new if each.note == note]
        yield f"{', '.join(trials[:SHOWN])}{' ...' if len(trials) > SHOWN else ''}: {note}"


def _changed(each: Judgement) -> Iterator[str]:
    yield f"{each.trial} {each.task} {each.agent}" + (f" x {each.model}" if each.model != "none" else "") + f", first judged by {each.before}"
    for change in each.changes:
        if change.field != "evidence":
            yield f"  {change.field}: {_word(change.before)} -> {_word(change.now)}"
    for mark, sentences in (("no longer said", each.gone), ("said now", each.come)):
        yield from (f"  {mark}: {sentence}" for sentence in sentences[:SHOWN])
        if len(sentences) > SHOWN:
            yield f"  {mark}: ... {len(sentences) - SHOWN} more (--json has all)"
    if each.note:
        yield f"  {each.note}"


def _word(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
