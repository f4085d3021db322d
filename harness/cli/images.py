"""`longhaul images`: what is needed, what is here, and moving it about."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.screen.layout import lay, tell
from harness.core.errors import HarnessError, MissingError, PlanError
from harness.core.machine import Needs
from harness.core.task import TaskSpec
from harness.report.summary import counted
from harness.settings import Settings, read
from harness.wiring import machines
from harness.wiring.machines import Shelf
from harness.wiring.sources import collect

VERBS = ("list", "pull", "build", "prune", "save", "load")


def images(
    verb: str = typer.Argument("list", help="list, pull, build, prune, save or load."),
    source: str = typer.Argument("", help="A source of tasks (pull, build and save without one: bundled); a file for load."),
    to: Path = typer.Option(None, "--to", help="The file that save writes."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.images/1."),
) -> int:
    """List, pull, build, prune, save or load images: all of ours, or those of a source's tasks.

    Example: longhaul images build harbor:./my-task
    """
    settings, console = read(), Console(stderr=as_json)

    def say(text: str) -> None:
        tell(console, text)

    match verb:
        case "list" if source:
            return _list_tasks(source, settings, console, as_json=as_json)
        case "list":
            return _list(settings, console, as_json=as_json)
        case "pull":
            return _each(source, settings, console, _pull, build=False)
        case "build":
            return _build(source, settings, console, build=not no_build)
        case "prune":
            say(f"{machines.prune(settings, say, _names(source, settings) if source else None)} names removed")
        case "save":
            return _save(source, to, settings, console)
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
        return _told({"images": msgspec.to_builtins(rows)})
    told = [(row.name, row.kind, f"{row.size / 1e6:,.0f}", row.digest[7:19], row.created[:10], row.of) for row in rows]
    lay(console, ("image", "kind", "MB", "digest", "created", "of"), told, figures=("MB",))
    total = sum({row.digest: row.size for row in rows}.values()) / 1e9
    console.print(f"{counted(len(rows), 'name')} of ours, {total:.1f} GB with shared layers counted each time; `longhaul images prune` removes all but the base image", highlight=False)
    return 0


def _list_tasks(source: str, settings: Settings, console: Console, *, as_json: bool) -> int:
    """Each task's image and whether it is here; makes and fetches nothing."""
    found, shelf = collect((source,), settings), machines.shelf(settings, build=False)
    rows = [_row(task, shelf) for task in found.tasks]
    needs = shelf.needs(tuple(task.place for task in found.tasks))
    if as_json:
        faults = [str(fault) for fault in found.faults]
        _told({"tasks": rows, "needs": msgspec.to_builtins(needs) | {"needed": needs.needed, "fits": needs.fits}, "faults": faults})
    else:
        lay(console, ("task", "image", "digest", "history"), [(row["task"], row["image"], row["digest"][7:19], row["history"]) for row in rows])
        for fault in found.faults:
            tell(console, f"refused {fault}")
        tell(console, needs.words)
    return 1 if found.faults else 0


def _row(task: TaskSpec, shelf: Shelf) -> dict[str, str]:
    """Of one task: `image` ready, to prepare, or what is to be pulled, loaded or built; or why not."""
    row = {"task": task.id, "image": "to prepare", "digest": "", "history": ""}
    try:
        if items := shelf.needs((task.place,)).items:
            return row | {"image": ", ".join(f"to {need.how}: {need.name}" for need in items)}
        if ready := shelf.ready(task.place):
            return row | {"image": "ready", "digest": ready.digest, "history": ready.history}
    except HarnessError as fault:
        return row | {"image": f"refused: {fault}"}
    return row


def _told(body: dict[str, object]) -> int:
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode({"schema": "longhaul.images/1"} | body), indent=2) + b"\n")
    return 0


def _each(source: str, settings: Settings, console: Console, do: Callable[[TaskSpec, Shelf, Console], str], *, build: bool) -> int:
    """The same for every task of a source; one that can't be read or made never hides the others."""
    found, shelf = collect((source or "bundled",), settings), machines.shelf(settings, build=build)
    refused = 0
    for task in found.tasks:
        try:
            tell(console, f"{task.id}: {do(task, shelf, console)}")
        except HarnessError as fault:
            tell(console, f"refused {task.id}: {fault}")
            refused += 1
    for unread in found.faults:
        tell(console, f"refused {unread}")
    return 1 if refused or found.faults else 0


def _build(source: str, settings: Settings, console: Console, *, build: bool) -> int:
    """Every task's image, ready for trials, where there is room for all of them."""
    found, shelf = collect((source or "bundled",), settings), machines.shelf(settings, build=build)
    needs = shelf.needs(tuple(task.place for task in found.tasks))
    tell(console, needs.words)
    require_room(needs)
    return _each(source, settings, console, _prepare, build=build)


def require_room(needs: Needs) -> None:
    """Raises MissingError where what is known to be needed is more than there is."""
    if not needs.fits and needs.free is not None:
        what = f"room for images: {needs.needed / 1e9:.1f} GB are needed at least, and the engine's disk has {needs.free / 1e9:.1f} GB free"
        raise MissingError(what, "`longhaul images prune`, or fewer tasks (SOURCE#GLOB)")


def _prepare(task: TaskSpec, shelf: Shelf, console: Console) -> str:
    ready = shelf.prepare(task.place, lambda text: tell(console, text))
    return f"{ready.digest[:19]} from {ready.source_digest[:19]}, history {ready.history}"


def _pull(task: TaskSpec, shelf: Shelf, console: Console) -> str:
    return ", ".join(shelf.fetch(task.place, lambda text: tell(console, text))) or "nothing that a registry has"


def _names(source: str, settings: Settings) -> frozenset[str]:
    """The images of a source's tasks, as far as they are here."""
    shelf = machines.shelf(settings, build=False)
    return frozenset(name for task in collect((source,), settings).tasks for name in shelf.names(task.place))


def _save(source: str, to: Path | None, settings: Settings, console: Console) -> int:
    """Into one file; on a machine that loads it, the same tasks find their images ready."""
    if to is None:
        raise PlanError("", "--to", "nothing", "the file to write")
    code = _build(source, settings, console, build=True)
    machines.save(settings, tuple(sorted(_names(source or "bundled", settings))), to, lambda text: tell(console, text))
    return code
