"""`longhaul prune`: old runs go by a policy that is said before anything does."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.answers import removal
from harness.cli.answers.retention import Policy, Run, reasons
from harness.cli.record.runs import folders
from harness.cli.recorded_runs import listed
from harness.cli.screen.layout import lay, tell
from harness.core.errors import HarnessError, PlanError
from harness.core.regular import read_regular
from harness.report.summary import counted
from harness.settings import Settings, read

MARKS = "baselines"
LARGEST_MARK = 1 << 20
DAY_S = 86400.0


class Mark(msgspec.Struct, frozen=True):
    """What `longhaul baseline` leaves in the home: which runs a baseline is made of, and where its file is."""

    runs: tuple[str, ...]
    path: str = ""


class Fate(msgspec.Struct, frozen=True):
    """What becomes of a run. `why`: the reason for which it stays, or "" where it goes; `bytes`: of one that goes."""

    run: Run
    path: Path
    why: str
    bytes: int = 0


class Gone(msgspec.Struct, frozen=True):
    """What was done: `freed` in bytes, names of engine images, and what could not be done."""

    runs: tuple[str, ...] = ()
    freed: int = 0
    images: int = 0
    faults: tuple[str, ...] = ()


def prune(
    keep: int = typer.Option(30, "--keep", min=0, help="So many of the newest runs stay."),
    days: float = typer.Option(None, "--days", help="And whatever changed within so many days."),
    spare: list[str] = typer.Option([], "--spare", metavar="NAME", help="And runs of this name; * stands for anything. May be given more than once."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would go."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.prune/1."),
) -> int:
    """Remove old runs, by a policy that is printed first.

    Never one that a baseline is made of, that a process is at, or that can't be read; one that is not finished stays for two weeks.

    Example: longhaul prune --keep 30 --dry-run
    """
    if days is not None and not (math.isfinite(days) and days >= 0):
        raise PlanError("", "--days", days, "days, 0 or more")
    policy, settings, console = Policy(keep, days, tuple(spare)), read(), Console()
    fates = _fates(settings, policy)
    if not as_json:
        _announced(fates, policy, settings, console, dry_run=dry_run)
    gone = Gone() if dry_run else _removed(fates, settings)
    if as_json:
        sys.stdout.write(json.dumps(_told(fates, gone, policy, settings, dry_run=dry_run), indent=2) + "\n")
    elif not dry_run:
        _summed(gone, console)
    return 1 if gone.faults else 0


def _fates(settings: Settings, policy: Policy) -> tuple[Fate, ...]:
    """Every run on record, the oldest first."""
    made, paths = _marked(settings.home), {path.name: path for path in folders(settings)}
    runs = [_run(path, made.get(name, ())) for name, path in paths.items()]
    why = reasons(runs, policy)
    return tuple(Fate(run, path, why[run.run], 0 if why[run.run] else removal.size(path)) for run, path in zip(runs, paths.values(), strict=True))


def _run(path: Path, baselines: tuple[str, ...]) -> Run:
    """A folder without a record is none that can be read."""
    try:
        told = listed(path)
    except HarnessError:
        return Run(path.name, "", "", "unreadable", 0.0, baselines)
    return Run(path.name, told.name, told.began, told.state, (time.time() - _changed(path)) / DAY_S, baselines)


def _changed(path: Path) -> float:
    """When the record was last written to, in seconds since 1970."""
    found = []
    for name in ("run.sqlite", "run.sqlite-wal", "lock"):
        with suppress(OSError):
            found.append((path / name).stat().st_mtime)
    return max(found, default=time.time())


def _marked(home: Path) -> Mapping[str, tuple[str, ...]]:
    """Run -> the baselines that are made of it. Raises PlanError for a mark that can't be read: nobody knows then what must stay."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((home / MARKS).glob("*.json")):
        try:
            mark = msgspec.json.decode(read_regular(path, LARGEST_MARK), type=Mark)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            raise PlanError(str(path), "", str(fault), "what `longhaul baseline` left: the runs it is made of; make that baseline anew") from fault
        name = _line(mark.path)
        there = name if os.path.isfile(mark.path) else f"{name}, which is gone (delete {path} to let the run go)"  # noqa: PTH113  raises nothing
        for run in mark.runs:
            found[run] = (*found.get(run, ()), there)
    return found


def _line(text: str) -> str:
    """On one line, whatever a name holds: a CI reads commands for itself where a line begins."""
    return " ".join(text.split())


def _removed(fates: tuple[Fate, ...], settings: Settings) -> Gone:
    """Set aside one by one, then delete, together with what an earlier pruning left; the machines that they kept go last."""
    faults, images, names = [], set[str](), []
    for fate in fates:
        if fate.why:
            continue
        kept = removal.kept_machines(fate.path)
        try:
            _unmarked(fate, settings)
            removal.set_aside(fate.path, settings.home)
        except PlanError as fault:
            faults.append(str(fault))
            continue
        images |= kept
        names.append(fate.run.run)
    freed = 0
    for path in removal.left(settings.home):
        held = removal.size(path)
        fault_words = removal.deleted(path)
        freed += held - (removal.size(path) if fault_words else 0)
        faults += [f"{path}: {fault_words}"] if fault_words else []
    images = images.difference(*(removal.begun_from(fate.path) for fate in fates if fate.why))
    machines, lost = _machines(images, settings)
    return Gone(tuple(names), freed, machines, (*faults, *lost))


def _unmarked(fate: Fate, settings: Settings) -> None:
    """Raises PlanError for a run that a baseline has been made of since the list was made."""
    if made := _marked(settings.home).get(fate.run.run):
        raise PlanError("", "RUN", f"{fate.run.run}, of which {', '.join(made)} is made", "a run that nothing is made of")


def _machines(images: set[str], settings: Settings) -> tuple[int, tuple[str, ...]]:
    if not images:
        return 0, ()
    try:
        return removal.without_machines(images, settings, lambda _text: None), ()
    except HarnessError as fault:
        return 0, (f"{counted(len(images), 'machine')} kept for forks stay, `longhaul images prune` removes them: {fault}",)


def _announced(fates: tuple[Fate, ...], policy: Policy, settings: Settings, console: Console, *, dry_run: bool) -> None:
    tell(console, policy.words)
    going = [each for each in fates if not each.why]
    figures = [(each.run.run, each.run.name, each.run.began[:16].replace("T", " "), each.run.state, f"{each.bytes / 1e6:,.1f}") for each in going]
    lay(console, ("run", "name", "began", "state", "MB"), figures, names=2, figures=("MB",))
    newest = f"one of the newest {policy.keep}"
    for each in fates:
        if each.why and each.why != newest:
            tell(console, f"stays: {each.run.run} {_line(each.run.name)}: {_line(each.why)}")
    for path in removal.left(settings.home):
        tell(console, f"left by a pruning that was cut short: {path.name}")
    would = " would go" if dry_run else ""
    tell(console, f"{counted(len(going), 'run')} of {len(fates)}{would or ' to remove'}, {sum(each.bytes for each in going) / 1e6:,.1f} MB")


def _summed(gone: Gone, console: Console) -> None:
    for fault in gone.faults:
        tell(console, f"not done: {fault}")
    machines = f", and {counted(gone.images, 'machine')} kept for forks" if gone.images else ""
    tell(console, f"{counted(len(gone.runs), 'run')} removed{machines}, {gone.freed / 1e6:,.1f} MB freed")


def _told(fates: tuple[Fate, ...], gone: Gone, policy: Policy, settings: Settings, *, dry_run: bool) -> dict[str, object]:
    rows = [
        {"run": each.run.run, "name": each.run.name, "began": each.run.began, "state": each.run.state, "goes": not each.why, "why": each.why, "bytes": each.bytes}
        for each in fates
    ]  # fmt: skip
    return {
        "schema": "longhaul.prune/1", "folder": str(settings.home / "runs"), "policy": msgspec.to_builtins(policy) | {"words": policy.words},
        "dry_run": dry_run, "runs": rows, "removed": list(gone.runs), "freed_bytes": gone.freed, "machines": gone.images, "faults": list(gone.faults),
    }  # fmt: skip
