"""`longhaul sweep`: the second line; containers die with their harness by themselves."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import lay
from harness.report.summary import counted
from harness.settings import read
from harness.wiring import machines


def sweep(
    owner: str = typer.Option("", "--owner", help="Also what this owner (as listed) left, on whatever machine it lived."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only list."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.sweep/1."),
) -> int:
    """Remove containers that dead runs left behind; what belongs to another machine is listed, never removed, unless named.

    Example: longhaul sweep --dry-run
    """
    found = machines.sweep(read(), owner, dry_run=dry_run)
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.sweep/1", "containers": msgspec.to_builtins(found)}, indent=2) + "\n")
        return 0
    console = Console()
    rows = [
        (each.container[:12], each.run, each.trial, each.state, each.standing, "yes" if each.removed else "no", each.owner)
        for each in worth_a_line(found)
    ]
    lay(console, ("container", "run", "trial", "state", "owner is", "removed", "owner"), rows)
    console.print(counts(found), highlight=False)
    return 0


def worth_a_line(found: tuple[Any, ...]) -> list[Any]:
    """Containers of dead and foreign owners, and whatever was removed; those of living runs are only counted."""
    return [each for each in found if each.standing != "living" or each.removed]


def counts(found: tuple[Any, ...]) -> str:
    """How many there are, and of whom."""
    living = sum(each.standing == "living" for each in found)
    gone = sum(each.removed for each in found)
    return f"{counted(len(found), 'container')} of ours: {living} of living runs, {len(found) - living} left behind, {gone} removed"
