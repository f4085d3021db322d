"""`longhaul show`: a run's trials, or one trial in full; every word as the record has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TypeAlias

import msgspec
import typer
from rich.console import Console

from harness.cli.record.differences import NOISE, between
from harness.cli.record.runs import Held, held, trial
from harness.cli.record.tried import undamaged, until, wrong_turn
from harness.cli.report import printed as report_of
from harness.cli.screen.evidence import told as evidence
from harness.core.events import Trace
from harness.core.trial import TrialKey
from harness.metrics.row import Row, row
from harness.metrics.tries import latest
from harness.report.story import Beat, safe, story
from harness.settings import read

Chosen: TypeAlias = tuple[str, TrialKey, Trace]
LINES = 40
"""Of a long text so many lines are shown; --raw shows all."""


def show(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last; a trial's short id alone is one of last."),
    trial_name: str = typer.Argument("", metavar="TRIAL", help="A trial's short id, such as t0003."),
    turn: int = typer.Option(None, "--turn", help="Only this turn."),
    number: int = typer.Option(None, "--try", help="Only this try of the trial, from 1; without it all tries, and the verdict of the latest."),
    diff: str = typer.Option("", "--diff", metavar="A..B", help="What changed in the workspace between two turns (0 is the start, no B the last)."),
    raw: bool = typer.Option(False, "--raw", help="Nothing shortened, and the bodies of requests and replies."),
    as_json: bool = typer.Option(False, "--json", help="The trace as one JSON object, schema longhaul.trial/1; without TRIAL the report's."),
) -> int:
    """One trial in full: every turn, call, output, tree and the verdict's evidence.

    Example: longhaul show last t0001 --turn 3
    """
    if not trial_name and re.fullmatch(r"t\d{4,}", run):
        run, trial_name = "last", run
    opened = held(run, read())
    if not trial_name:
        return report_of(opened, as_json=as_json)
    with undamaged(opened.store.folder):
        return _one(opened, trial_name, (turn, number), diff, raw=raw, as_json=as_json)


def _one(opened: Held, name: str, wanted: tuple[int | None, int | None], diff: str, *, raw: bool, as_json: bool) -> int:
    turn, number = wanted
    short, key = trial(name, opened.store)
    trace = until(opened.store.trace(key), number, short)
    if diff:
        _differ(opened, trace, diff, raw=raw)
    elif as_json:
        sys.stdout.buffer.write(_document(opened, (short, key, trace), alone=number is not None) + b"\n")
    else:
        _tell(opened, (short, key, trace), turn, raw=raw, alone=number is not None)
    return 0


def _differ(opened: Held, trace: Trace, word: str, *, raw: bool) -> None:
    """The diff on stdout, whole enough for `git apply` in a file or pipe; what was left out is said on stderr."""
    text, left = between(opened.store.folder / "trees.git", trace, word, noise=raw)
    sys.stdout.buffer.write(legible(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()
    if left:
        sys.stderr.write(f"{left} {'path' if left == 1 else 'paths'} left out ({', '.join(NOISE)}); --raw shows all\n")


def legible(text: bytes) -> bytes:
    """For a terminal, which would do what control characters in a stranger's file say: they are written out."""
    return safe(text.decode("utf-8", "backslashreplace")).encode()


def _document(opened: Held, chosen: Chosen, *, alone: bool) -> bytes:
    short, key, trace = chosen
    told = row(short, key, opened.tasks[key.task], trace)
    entries = latest(trace) if alone else trace
    body = {"schema": "longhaul.trial/1", "row": msgspec.to_builtins(told), "entries": msgspec.to_builtins(entries)}
    return msgspec.json.format(msgspec.json.encode(body), indent=2)


def _tell(opened: Held, chosen: Chosen, turn: int | None, *, raw: bool, alone: bool) -> None:
    """`alone`: the latest try of what was chosen, not those before it."""
    short, key, trace = chosen
    console = Console(soft_wrap=True, highlight=False, markup=False)
    told = row(short, key, opened.tasks[key.task], trace)
    beats = tuple(story(latest(trace) if alone else trace, opened.store.blobs.get))
    if turn is not None and turn not in (known := {beat.turn for beat in beats}):
        raise wrong_turn(turn, known, short)
    console.print(f"{short} {key.task} {key.agent} x {key.model} attempt {key.attempt}: {told.outcome}, {told.reason}", style="bold")
    for sentence in (*_origin(told), *_items(told), *evidence(told.evidence, opened.tasks[key.task].check, raw=raw)):
        console.print(f"  {safe(sentence)}")
    for line in lines((beat for beat in beats if turn is None or beat.turn == turn), raw=raw):
        console.print(line)


def _items(told: Row) -> Iterator[str]:
    """Partial credit, where the task has weighted items or steps."""
    if told.items and told.score is not None:
        yield f"score {told.score:.2f}: " + ", ".join(f"{name} {got:g}" for name, got in told.items)


def _origin(told: Row) -> Iterator[str]:
    """Where a trial began that did not begin at the beginning."""
    parent = told.parent
    if parent and told.origin != "continued":
        yield f"forked from {parent.run} {parent.trial}, try {parent.number}, after turn {parent.turn}" + (f", view {parent.view}" if parent.view else "")
    elif parent:
        yield f"try {told.tries} went on from try {parent.number} after turn {parent.turn}"
    elif told.origin:
        yield f"try {told.tries} began anew after an interruption"


def lines(beats: Iterator[Beat], *, raw: bool) -> Iterator[str]:
    """The story as printed lines; long texts are cut in the middle unless raw."""
    for beat in beats:
        yield f"{beat.seq:5} {beat.at:8.2f}s  {beat.head}"
        body = beat.body.splitlines()
        if not raw and len(body) > LINES:
            hidden = len(body) - LINES
            body = [*body[: LINES // 2], f"... {hidden} lines not shown, --raw shows them ...", *body[-LINES // 2 :]]
        yield from (f"        | {line}" for line in body)
