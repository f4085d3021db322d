"""`longhaul checkout`: the workspace of a trial at the end of a turn, as files in a new folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.record.differences import seen
from harness.cli.record.runs import held, trial
from harness.cli.record.tried import undamaged, until, wrong_turn
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError, StoreError
from harness.core.events import Trace, TreeSeen
from harness.report.summary import counted
from harness.settings import read
from harness.store.checkout import Written
from harness.store.checkout import checkout as write_out
from harness.store.readback import reading

SHOWN = 20


def checkout(
    run: str = typer.Argument(metavar="RUN", help="A run's id, its beginning, its name, or last."),
    trial_name: str = typer.Argument(metavar="TRIAL", help="A trial's short id, such as t0003."),
    folder: Path = typer.Argument(metavar="DIR", help="The folder to make; it must not be there."),
    turn: int = typer.Option(None, "--turn", min=0, help="At the end of this turn (0: the start); the last without it."),
    number: int = typer.Option(None, "--try", help="An earlier try of the trial; the latest without it."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.checkout/1, with every path left out."),
) -> int:
    """Write a trial's workspace, as it was at the end of a turn, into a new folder.

    Left out: .git and hooks at any depth, links that leave the folder, devices, pipes, and bits that let a file run as another user.

    Example: longhaul checkout last t0001 --turn 31 ./turn31
    """
    opened = held(run, read())
    short, key = trial(trial_name, opened.store)
    with undamaged(opened.store.folder):
        at = _tree(until(opened.store.trace(key), number, short), turn, short)
    told = _written(opened.store.folder / "trees.git", at, folder)
    if as_json:
        body = {"schema": "longhaul.checkout/1", "folder": str(folder), "tree": at.tree, "truncated": at.truncated, **msgspec.to_builtins(told)}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
        return 0
    console = Console()
    for line in lines(told, folder, truncated=at.truncated):
        tell(console, line)
    return 0


def _tree(trace: Trace, turn: int | None, short: str) -> TreeSeen:
    known = seen(trace)
    if not known:
        raise PlanError("", "TRIAL", short, "a trial in which a workspace was seen")
    if turn is not None and turn not in known:
        raise wrong_turn(turn, known, short)
    return known[max(known) if turn is None else turn]


def _written(repository: Path, at: TreeSeen, folder: Path) -> Written:
    """Raises PlanError in one sentence for whatever keeps the folder from being made; nothing of it is there then."""
    try:
        with reading(repository) as objects:
            return write_out(objects, at.tree, at.extra, folder)
    except FileExistsError as fault:
        raise PlanError("", "DIR", f"{folder}, which is there already", "the name of a new folder") from fault
    except StoreError as fault:
        raise PlanError(str(repository), "", str(fault), "the trees of this run, undamaged") from fault
    except OSError as fault:
        raise PlanError("", "DIR", f"{folder}: {fault.strerror}", "a place where these files can be written") from fault


def lines(told: Written, folder: Path, *, truncated: bool) -> Iterator[str]:
    """What was written and what was not, as printed; names are made safe by whoever prints them."""
    yield f"{folder}: {counted(told.files, 'file')} and {counted(told.links, 'link')} written, {told.size:,} bytes"
    if truncated:
        yield "part of the workspace could not be seen when this turn ended, so it is not here"
    for left in told.left_out[:SHOWN]:
        yield f"{left.path}: {left.why}" if left.written else f"left out {left.path}: {left.why}"
    if (hidden := len(told.left_out) - SHOWN) > 0:
        yield f"... {hidden} more (--json names all)"
