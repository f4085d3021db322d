"""`longhaul export`: a run as one file that other machines can read."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.layout import tell
from harness.cli.runs import folder
from harness.core.errors import PlanError
from harness.exchange.writer import export as written
from harness.settings import read

FORMATS = ("archive",)


def export(
    run: str = typer.Argument(metavar="RUN", help="A run's id, its beginning, its name, or last."),
    to: Path = typer.Option(..., "--to", help="The file to make; it must not be there yet."),
    form: str = typer.Option("archive", "--format", help="archive: the whole record in one file."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.export/1."),
) -> int:
    """A run as one file: the record, outputs, trees and logs, with a digest of each.

    Example: longhaul export last --to night.tar.zst
    """
    if form not in FORMATS:
        raise PlanError("", "--format", repr(form), f"one of: {', '.join(FORMATS)}")
    sent = written(folder(run, read()), to)
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.export/1", **msgspec.to_builtins(sent)}) + "\n")
        return 0
    console = Console()
    tell(console, f"{sent.run}: {sent.members:,} files in {sent.bytes / 1e6:,.1f} MB")
    tell(console, f"{sent.path}   longhaul import {sent.path}")
    return 0
