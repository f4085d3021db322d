"""`longhaul import`: a run that came as one file, checked from end to end before it is one of ours."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import tell
from harness.exchange.reader import arrive
from harness.settings import read


def import_(
    path: Path = typer.Argument(..., help="A file that longhaul export made."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.import/1."),
) -> int:
    """Bring a run from an archive, once every digest in it holds; nothing in it is executed.

    Example: longhaul import night.tar.zst
    """
    found = arrive(path, read().home / "runs")
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.import/1", **msgspec.to_builtins(found)}) + "\n")
        return 0
    console = Console()
    if found.fresh:
        tell(console, f"{found.run}: {found.members:,} files, {found.bytes / 1e6:,.1f} MB, every digest holds   longhaul report {found.run}")
    else:
        tell(console, f"{found.run} is there already, with the same content; nothing was changed")
    return 0
