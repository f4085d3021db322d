"""`longhaul runs`: what is on record here, the newest last."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.record.runs import opened, recorded
from harness.cli.running.driving import driven
from harness.cli.running.self_check import withheld
from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError, StoreError
from harness.settings import read
from harness.wiring.forking import FORK, UNBORN


class Listed(msgspec.Struct, frozen=True):
    """`state`: running, finished, pending (trials are left and nobody is at it), unborn (the past it goes on from was not copied whole) or unreadable; `began` as the run says."""

    run: str
    name: str
    began: str
    planned: int
    settled: int
    state: str


def recorded_runs(as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.runs/1.")) -> int:
    """The runs on record: when, how many trials are settled, and whether somebody drives them.

    Example: longhaul runs
    """
    settings = read()
    folder, found = settings.home / "runs", [listed(path) for path in recorded(settings)]
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.runs/1", "folder": str(folder), "runs": msgspec.to_builtins(found)}, indent=2) + "\n")
        return 0
    console = Console()
    if not found:
        tell(console, f"no runs in {folder}")
    rows = [(each.run, each.name, each.began[:16].replace("T", " "), str(each.settled), str(each.planned), each.state) for each in found]
    lay(console, ("run", "name", "began", "settled", "planned", "state"), rows, names=2, figures=("settled", "planned"))
    return 0


def listed(path: Path) -> Listed:
    """One run's line, from its record alone; a damaged one is listed as such."""
    try:
        store = opened(path)
        standings, held = store.progress().values(), withheld(store)
    except (PlanError, StoreError):
        return Listed(path.name, "", "", 0, 0, "unreadable")
    done = sum(each.settled is not None for each in standings)
    over = done + len(held) == len(standings)
    state = "running" if driven(path) else "finished" if over else UNBORN if store.meta(FORK) == UNBORN else "pending"
    told = Listed(path.name, store.meta("name"), store.meta("created"), len(standings), done, state)
    store.close()
    return told
