"""`longhaul show`: a run's trials, or one trial in full; every word as the record has it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import msgspec
import typer
from rich.console import Console

from harness.cli.differences import NOISE, between
from harness.cli.evidence import told as evidence
from harness.cli.report import printed as report_of
from harness.cli.runs import Held, held, trial
from harness.core.errors import PlanError
from harness.core.events import Trace
from harness.core.trial import TrialKey
from harness.metrics.row import row
from harness.report.story import Beat, story
from harness.settings import read

LINES = 40
"""Of a long text so many lines are shown; --raw shows all."""


def show(
    run: str = typer.Argument("last", help="A run's id, its beginning, its name, or last; a trial's short id alone is one of last."),
    trial_name: str = typer.Argument("", metavar="TRIAL", help="A trial's short id, such as t0003."),
    turn: int = typer.Option(None, "--turn", help="Only this turn."),
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
    short, key = trial(trial_name, opened.store)
    trace = opened.store.trace(key)
    if diff:
        _differ(opened, trace, diff, raw=raw)
    elif as_json:
        sys.stdout.buffer.write(_document(opened, short, key, trace) + b"\n")
    else:
        _tell(opened, (short, key, trace), turn, raw=raw)
    return 0


def _differ(opened: Held, trace: Trace, word: str, *, raw: bool) -> None:
    """The diff on stdout, whole enough for `git apply`; what was left out is said on stderr."""
    text, left = between(opened.store.folder / "trees.git", trace, word, noise=raw)
    sys.stdout.buffer.write(text)
    sys.stdout.flush()
    if left:
        sys.stderr.write(f"{left} {'path' if left == 1 else 'paths'} left out ({', '.join(NOISE)}); --raw shows all\n")


def _document(opened: Held, short: str, key: TrialKey, trace: Trace) -> bytes:
    told = row(short, key, opened.tasks[key.task], trace)
    body = {"schema": "longhaul.trial/1", "row": msgspec.to_builtins(told), "entries": msgspec.to_builtins(trace)}
    return msgspec.json.format(msgspec.json.encode(body), indent=2)


def _tell(opened: Held, chosen: tuple[str, TrialKey, Trace], turn: int | None, *, raw: bool) -> None:
    short, key, trace = chosen
    console = Console(soft_wrap=True, highlight=False, markup=False)
    told = row(short, key, opened.tasks[key.task], trace)
    beats = tuple(story(trace, opened.store.blobs.get))
    if turn is not None and turn not in {beat.turn for beat in beats}:
        raise PlanError("", "--turn", turn, f"a turn of {short}: 0 to {max(beat.turn for beat in beats)}" if beats else "a trial that began")
    console.print(f"{short} {key.task} {key.agent} x {key.model} attempt {key.attempt}: {told.outcome}, {told.reason}", style="bold")
    for sentence in evidence(told.evidence, opened.tasks[key.task].check, raw=raw):
        console.print(f"  {sentence}")
    for line in lines((beat for beat in beats if turn is None or beat.turn == turn), raw=raw):
        console.print(line)


def lines(beats: Iterator[Beat], *, raw: bool) -> Iterator[str]:
    """The story as printed lines; long texts are cut in the middle unless raw."""
    for beat in beats:
        yield f"{beat.seq:5} {beat.at:8.2f}s  {beat.head}"
        body = beat.body.splitlines()
        if not raw and len(body) > LINES:
            hidden = len(body) - LINES
            body = [*body[: LINES // 2], f"... {hidden} lines not shown, --raw shows them ...", *body[-LINES // 2 :]]
        yield from (f"        | {line}" for line in body)
