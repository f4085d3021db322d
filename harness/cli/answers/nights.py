"""A folder of nights as `trend` reads it: run folders and reports in JSON, what is damaged told in one line each."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from harness.answer.night.gate import Tonight
from harness.answer.night.nights import Damaged
from harness.answer.night.trend import Entry, instant
from harness.cli.answers.nightly import of, sound
from harness.cli.record.runs import Held, opened, remembered
from harness.core.errors import HarnessError, PlanError
from harness.metrics.row import Row
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.digests import of_harness

REPORT = "longhaul.report/2"
LARGEST = 512 << 20
"""Bytes of a report: ten thousand trials take about 30 MB."""
DEPTH = 2
"""Folders below DIR that are looked into: artifacts of CI come in a folder each."""
NAMED = 5
"""Names that a sentence offers."""
FAULTS = (HarnessError, sqlite3.Error, msgspec.MsgspecError, OSError, KeyError, ValueError, TypeError, RecursionError)
"""What a damaged record or file raises that nobody wrote to be read."""


class Nights(msgspec.Struct, frozen=True):
    """`told`: what was left out, in sentences."""

    entries: tuple[Entry, ...]
    damaged: tuple[Damaged, ...]
    told: tuple[str, ...]


def nights(folder: Path, name: str, settings: Settings) -> Nights:
    """Every night in the folder; with a name those whose run or plan is called so, `*` and `?` as in a shell. Raises PlanError for no folder, or no night."""
    if not folder.is_dir():
        raise PlanError(str(folder), "DIR", "no such folder" if not folder.exists() else "no folder", "a folder of runs, or of reports in JSON")
    judge, entries = of_harness(), dict[str, Entry]()
    damaged, told, others = [], list[str](), list[Tonight]()
    for place in _places(folder / "runs" if (folder / "runs").is_dir() else folder, DEPTH):
        found = place if isinstance(place, Damaged) else _entry(place, settings, judge)
        if isinstance(found, Damaged):
            damaged.append(found)
        elif found and name and not _called(found.night, name):
            others.append(found.night)
        elif found:
            first = entries.setdefault(found.night.run, found)
            told += [f"{place}: {found.night.run} once more, already read from {first.place}"] if first is not found else []
    if not entries and others:
        raise PlanError(str(folder), "--name", f"{name!r}, which no run and no plan of one is called", _names(others))
    if not entries and not damaged:
        raise PlanError(str(folder), "DIR", "no night", "folders of runs, or files that `longhaul report --json` wrote")
    return Nights(tuple(entries.values()), tuple(damaged), (*_chosen([each.night for each in entries.values()], len(others), name), *told))


def _called(night: Tonight, name: str) -> bool:
    return fnmatchcase(night.name, name) or fnmatchcase(night.plan, name)


def _chosen(held: Sequence[Tonight], others: int, name: str) -> tuple[str, ...]:
    """By which name nights were taken: --run gives each its own, and the plan's stays the same."""
    if not name:
        return ()
    by_run = sum(fnmatchcase(night.name, name) for night in held)
    return (f"--name {name}: {by_run} by the run's name, {len(held) - by_run} by the plan's, {others} left out",)


def _names(others: Sequence[Tonight]) -> str:
    """Some of the names that are there."""
    runs, plans = (list(dict.fromkeys(word for word in words if word))[-NAMED:] for words in ((each.name for each in others), (each.plan for each in others)))
    told = [f"a run's ({', '.join(runs)})" if runs else "", f"a plan's ({', '.join(plans)})" if plans else ""]
    return f"{' or '.join(word for word in told if word) or 'no --name: these nights have none'}; * and ? as in a shell"


def _places(folder: Path, depth: int) -> Iterator[Path | Damaged]:
    """Run folders, and files that may be reports, in order; a run's own files are not looked at. A folder that is closed to us is told."""
    try:
        inside = sorted(folder.iterdir())
    except OSError as fault:
        yield Damaged(str(folder), fault.strerror or str(fault))
        return
    for path in inside:
        # By os.path, which says no where a Path raises: what lies in a closed folder.
        if os.path.exists(path / "run.sqlite") or (path.suffix == ".json" and os.path.isfile(path)):  # noqa: PTH110, PTH113
            yield path
        elif path.is_dir() and depth and not path.name.startswith("."):
            yield from _places(path, depth - 1)


def _entry(place: Path, settings: Settings, judge: str) -> Entry | Damaged | None:
    """None for a file that is something else."""
    try:
        night = _run(place, settings, judge) if place.is_dir() else _report(place)
        if night is not None:
            instant(night.created)
            sound(night)
    except FAULTS as fault:
        return Damaged(str(place), " ".join(str(fault).split()) or type(fault).__name__)
    return Entry(night, str(place)) if night else None


def _run(place: Path, settings: Settings, judge: str) -> Tonight:
    store = opened(place)
    try:
        plan = msgspec.json.decode(store.meta("plan"), type=Plan)
        return of(Held(store, plan, remembered(store, plan, settings)), judge)
    finally:
        store.close()


class _Seed(msgspec.Struct):
    seed: int = 0
    name: str = ""


class _Head(msgspec.Struct):
    schema: str = ""


class _Report(msgspec.Struct):
    """What of a report is needed; it has more, and may get more."""

    run: str
    name: str
    created: str
    rows: tuple[Row, ...]
    plan: _Seed | None = None


def _report(place: Path) -> Tonight | None:
    """Raises ValueError for a report that can't be one of a row of nights."""
    if place.stat().st_size > LARGEST:
        raise ValueError(f"{place.stat().st_size:,} bytes, and a report has at most {LARGEST:,}")
    data = place.read_bytes()
    try:
        schema = msgspec.json.decode(data, type=_Head).schema
    except msgspec.ValidationError:
        return None  # JSON, and nothing of ours
    if schema.startswith("longhaul.report/") and schema != REPORT:
        raise ValueError(f"{schema}, and this longhaul reads {REPORT}")
    if schema != REPORT:
        return None
    found = msgspec.json.decode(data, type=_Report)
    if not found.run:
        raise ValueError("redacted: its tasks have no names by which nights could be put side by side")
    return Tonight(found.run, found.name, found.created, found.plan.seed if found.plan else 0, found.rows, found.plan.name if found.plan else "")
