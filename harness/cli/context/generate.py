"""`longhaul generate`: staged tasks from a seed, as folders that Harbor can run, too."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError
from harness.report.summary import counted
from harness.wiring import staging

FIGURES = ("requests", "milestones", "items", "moves", "tokens")


def generate(
    tier: str = typer.Argument(help="S, M, L or XL."),
    seed: int = typer.Option(..., "--seed", min=0, help="The same seed gives the same bytes, everywhere."),
    to: Path = typer.Option(..., "--to", help="A folder that is not there yet, or is empty; one folder for each task goes into it."),
    family: str = typer.Option("", "--family", help="One family of tasks; without it all of them, one task each."),
    delivery: str = typer.Option("staged", "--delivery", help="staged: request by request; concat: all in one; fresh: a task for each stage, from the solution's state."),
    count: int = typer.Option(1, "--count", min=1, max=100, help="So many seeds, from --seed on."),
    dial: list[str] = typer.Option([], "--dial", help="NAME=VALUE, for instance rules=5 or distance=16k; see docs/staged.md."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.generate/1."),
) -> int:
    """Write staged refactoring tasks: a repository, requests over turns, hidden checks, a solution turn by turn, and what should be kept in mind.

    Example: longhaul generate M --seed 7 --to tasks/staged --family T1
    """
    words = [tier, *([f"family={family}"] if family else []), f"delivery={delivery}", f"count={count}", *dial]
    for word in words[1:]:
        if "," in word:
            raise PlanError("", "--dial", repr(word), "NAME=VALUE without commas, each with a --dial of its own")
        if "=" not in word:
            raise PlanError("", "--dial", repr(word), "NAME=VALUE, for instance rules=5")
    vacant(to)
    folders = staging.made(",".join(words), seed)
    written(folders, to)
    rows = [staging.facts(folder) for folder in folders]
    if as_json:
        sys.stdout.write(json.dumps({"schema": "longhaul.generate/1", "to": str(to), "tasks": rows}, indent=2) + "\n")
    else:
        _show(rows, to, Console())
    return 0


def vacant(to: Path) -> None:
    """Raises PlanError where something is there already: nothing of a user's is written over."""
    try:
        if to.is_symlink() or (to.exists() and not to.is_dir()):
            raise PlanError(str(to), "--to", "no folder", "a folder that is not there yet, or is empty")
        if to.is_dir() and any(to.iterdir()):
            raise PlanError(str(to), "--to", "a folder with something in it", "a folder that is not there yet, or is empty")
    except OSError as fault:
        raise PlanError(str(to), "--to", fault.strerror or str(fault), "a folder that can be looked into") from fault


def written(folders: tuple[Any, ...], to: Path) -> None:
    """All of them beside their place, which then becomes theirs in one step: whole or not at all. Raises PlanError."""
    aside = None
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{to.name[:100]}-", dir=to.parent))
        aside.chmod(0o755)
        for folder in folders:
            staging.write(folder, aside / folder.name)
        if to.is_dir():
            to.rmdir()
        aside.rename(to)
    except OSError as fault:
        raise PlanError(str(to), "--to", fault.strerror or str(fault), "a place where a folder can be written") from fault
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _show(rows: list[dict[str, Any]], to: Path, console: Console) -> None:
    table = [(row["id"], *(f"{row[name]:,}" for name in FIGURES), row["digest"][7:19]) for row in rows]
    lay(console, ("task", *FIGURES, "digest"), table, figures=FIGURES)
    tell(console, f"{counted(len(rows), 'task')} in {to}; tokens: of the solution when it is played, at 4 characters each")
    tell(console, f"next: longhaul validate harbor:{to}")
