"""`longhaul images`: what is needed, what is here, and moving it about."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.layout import lay, tell
from harness.core.errors import HarnessError, PlanError
from harness.core.ports import Images
from harness.core.task import TaskSpec
from harness.report.summary import counted
from harness.settings import Settings, read
from harness.wiring import machines
from harness.wiring.sources import collect

VERBS = ("list", "pull", "build", "prune", "save", "load")


def images(
    verb: str = typer.Argument("list", help="list, pull, build, prune, save or load."),
    source: str = typer.Argument("", help="A source for pull, build and save (bundled); a file for load."),
    to: Path = typer.Option(None, "--to", help="The file that save writes."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.images/1."),
) -> int:
    """List, pull, build, prune, save or load images.

    Example: longhaul images build harbor:./my-task
    """
    settings, console = read(), Console(stderr=as_json)

    def say(text: str) -> None:
        tell(console, text)

    match verb:
        case "list":
            return _list(settings, console, as_json=as_json)
        case "pull" | "build":
            return _prepare(source or "bundled", settings, console, build=not no_build)
        case "prune":
            say(f"{machines.prune(settings, say)} names removed")
        case "save":
            return _save(source or "bundled", to, settings, console)
        case "load":
            if not source:
                raise PlanError("", "SOURCE", "nothing", "the file to load, made by `longhaul images save`")
            say("loaded " + ", ".join(machines.load(settings, Path(source))))
        case _:
            raise PlanError("", "VERB", repr(verb), ", ".join(VERBS))
    return 0


def _list(settings: Settings, console: Console, *, as_json: bool) -> int:
    rows = machines.ours(settings)
    if as_json:
        body = {"schema": "longhaul.images/1", "images": msgspec.to_builtins(rows)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
        return 0
    told = [(row.name, row.kind, f"{row.size / 1e6:,.0f}", row.digest[7:19], row.created[:10]) for row in rows]
    lay(console, ("image", "kind", "MB", "digest", "created"), told, figures=("MB",))
    total = sum({row.digest: row.size for row in rows}.values()) / 1e9
    console.print(f"{counted(len(rows), 'name')} of ours, {total:.1f} GB with shared layers counted each time; `longhaul images prune` removes all but the base image", highlight=False)
    return 0


def _prepare(source: str, settings: Settings, console: Console, *, build: bool) -> int:
    """Every task's image, ready for trials; one that can't be made never hides the others."""
    found, shelf = collect((source,), settings), machines.shelf(settings, build=build)
    faults = [*map(str, found.faults), *(fault for task in found.tasks if (fault := _one(task, shelf, console)))]
    for fault in faults:
        tell(console, f"refused {fault}")
    return 1 if faults else 0


def _one(task: TaskSpec, shelf: Images, console: Console) -> str:
    try:
        ready = shelf.prepare(task.place, lambda text: tell(console, text))
    except HarnessError as fault:
        return f"{task.id}: {fault}"
    tell(console, f"{task.id}: {ready.digest[:19]} from {ready.source_digest[:19]}, history {ready.history}")
    return ""


def _save(source: str, to: Path | None, settings: Settings, console: Console) -> int:
    if to is None:
        raise PlanError("", "--to", "nothing", "the file to write")
    shelf = machines.shelf(settings, build=True)
    names = tuple({shelf.prepare(task.place, lambda _text: None).reference for task in collect((source,), settings).tasks})
    machines.save(settings, names, to, lambda text: tell(console, text))
    return 0
