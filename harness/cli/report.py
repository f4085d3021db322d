"""`longhaul report`: what a run came to, read from its record."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from harness.cli.runs import Held, held
from harness.cli.tables import show
from harness.report.document import document
from harness.report.readout import rows
from harness.report.summary import summary
from harness.settings import read


def report(
    run: str = typer.Argument("last", help="A run's id, its beginning, its name, or last."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.report/1."),
) -> int:
    """What a run came to: the table, or versioned JSON.

    Example: longhaul report last --json
    """
    return printed(held(run, read()), as_json=as_json)


def printed(opened: Held, *, as_json: bool) -> int:
    """A run's table, or the same numbers as JSON, on stdout."""
    told = summary(opened.store.meta("run"), rows(opened.store, opened.tasks))
    if as_json:
        meta = opened.store.meta
        sys.stdout.buffer.write(document(told, meta("name"), meta("created"), meta("harness")) + b"\n")
    else:
        show(told, Console())
    return 0
