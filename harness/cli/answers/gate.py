"""`longhaul gate`: whether tonight is as good as the baseline, as a word, an exit code, JUnit XML and a job summary."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.answer.night.baseline import read as read_baseline
from harness.answer.night.departures import NAMES
from harness.answer.night.gate import Gate, document
from harness.answer.night.gate import gate as answered
from harness.answer.night.gate_junit import junit
from harness.answer.night.gate_markdown import markdown
from harness.answer.night.judging import Terms
from harness.cli.answers.gate_text import show
from harness.cli.answers.nightly import apart, names, opened, share
from harness.cli.record.landing import land
from harness.cli.record.replacing import replaceable
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError, StoreError
from harness.settings import read
from harness.store.sqlite import RunStore

NOTED = "gate accepted"
"""Kind of a note in the run's record. Not "accepted", which says that something changed while the run was under way."""


class Outputs(msgspec.Struct, frozen=True):
    """Where to write what; None: not at all. `link`: where tonight's page will be found."""

    junit: Path | None
    summary: Path | None
    link: str


def gate(
    run: str = typer.Argument(..., metavar="RUN", help="Tonight's: a run's id, its beginning, its name, or last."),
    baseline: Path = typer.Option(..., "--baseline", metavar="FILE", help="What `longhaul baseline` wrote."),
    max_drop: float = typer.Option(0.10, "--max-drop", metavar="RATE", help="The drop of the pass rate that matters, 0 to 1."),
    accept: list[str] = typer.Option([], "--accept", metavar="NAME", help=f"What may differ from the baseline: {', '.join(NAMES)}; or pending, edited."),
    strict: bool = typer.Option(False, "--strict", help="ok only where such a drop is excluded; else undecided."),
    junit_to: Path | None = typer.Option(None, "--junit", metavar="FILE", help="JUnit XML: a testcase per side and per new failure."),
    summary: Path | None = typer.Option(None, "--summary", metavar="FILE", help="A job summary in Markdown."),
    link: str = typer.Option("", "--link", metavar="URL", help="Where tonight's page (report --html) will be found; the summary links trials in it."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.gate/1."),
) -> int:
    """Judge tonight against a baseline. Exits 0 ok, 3 regressed, 4 undecided or too many broken, 2 where the two can't be compared.

    Example: longhaul gate last --baseline nightly.json --max-drop 0.10
    """
    accepted = names(accept, (*NAMES, "pending", "edited"))
    terms = Terms(share(max_drop, "--max-drop"), strict=strict, accepted=accepted)
    outputs = Outputs(junit_to, summary, _url(link))
    apart(baseline=baseline, junit=junit_to, summary=summary)
    replaceable(junit=junit_to, summary=summary)
    held = read_baseline(baseline, edited="edited" in accepted)
    night, folder = opened(run, read())
    told = answered(night, held, str(baseline), terms)
    _written(told, outputs)
    lost = _noted(told, folder)
    if as_json:
        sys.stdout.buffer.write(document(told) + b"\n")
    else:
        show(told, Console())
    if lost:
        tell(Console(stderr=True), f"note: what was accepted could not be kept in the run's record: {lost}")
    return told.code


def _url(link: str) -> str:
    if link and not link.startswith(("http://", "https://")):
        raise PlanError("", "--link", repr(link), "an address that begins with https://")
    return link


def _written(told: Gate, outputs: Outputs) -> None:
    if outputs.junit:
        land(outputs.junit, junit(told), "--junit")
    if outputs.summary:
        land(outputs.summary, (markdown(told, outputs.link) + "\n").encode(), "--summary")


def _noted(told: Gate, folder: Path) -> str:
    """Keep what was accepted with the run, once; "" or why that failed: a record that may not be written must not cost the answer."""
    if not told.accepted:
        return ""
    words = msgspec.json.encode({"baseline": told.baseline.digest, "accepted": told.accepted}).decode()
    try:
        store = RunStore(folder)
        try:
            if words not in store.notes(NOTED):
                store.note(NOTED, words)
        finally:
            store.close()
    except (StoreError, sqlite3.Error, OSError) as fault:
        return str(fault)
    return ""
