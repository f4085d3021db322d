"""RUN and TRIAL words to a run's store and a trial in it; an unknown one is answered with the nearest names."""

from __future__ import annotations

import difflib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from harness.core.blob import Blob
from harness.core.errors import PlanError, StoreError
from harness.core.ports import Say
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.plan import Plan
from harness.settings import Settings
from harness.store.migration import migrate
from harness.store.sqlite import RunStore, reading
from harness.wiring.sources import collect


class Held(msgspec.Struct, frozen=True):
    """A run, open, with the tasks it was run on."""

    store: RunStore
    plan: Plan
    tasks: dict[str, TaskSpec]


def held(word: str, settings: Settings) -> Held:
    """Raises PlanError for a run that is not there or can't be read."""
    path = folder(word, settings)
    with _readable(path):
        return _held(reading(path), settings)


def _held(store: RunStore, settings: Settings) -> Held:
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    return Held(store, plan, _Tasks(remembered(store, plan, settings)))


class _Tasks(dict[str, TaskSpec]):
    """A record that somebody changed may name one that is not there; what needs none can be read all the same."""

    def __missing__(self, task: str) -> TaskSpec:
        raise StoreError(f"a trial's task, {task}, is not among the run's tasks")


def held_for_writing(word: str, settings: Settings, say: Say) -> Held:
    """The same for a run that goes on; an older store is brought to today's format, with a copy kept. Raises PlanError."""
    path = folder(word, settings)
    with _readable(path):
        migrate(path, say)
        return _held(RunStore(path), settings)


def opened(path: Path) -> RunStore:
    """A run's store for reading, which modifies nothing. Raises PlanError for a file that is none, or one of another version."""
    with _readable(path):
        return reading(path)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (StoreError, sqlite3.Error, msgspec.MsgspecError, OSError) as fault:
        raise PlanError(str(path / "run.sqlite"), "", str(fault), "the record of a run of this version") from fault


def remember(store: RunStore, tasks: tuple[TaskSpec, ...]) -> None:
    """Keep the tasks with the run: what is reported later is what was run, whatever became of their folders."""
    blob = store.blobs.put(msgspec.json.encode(tasks))
    store.keep("tasks", msgspec.json.encode(blob).decode())


def remembered(store: RunStore, plan: Plan, settings: Settings) -> dict[str, TaskSpec]:
    """The tasks by id, as the run had them."""
    word = store.meta("tasks")
    if not word:
        return {task.id: task for task in collect(plan.tasks, settings, plan.source, plan.seed).tasks}
    data = store.blobs.get(msgspec.json.decode(word, type=Blob))
    return {task.id: task for task in msgspec.json.decode(data, type=tuple[TaskSpec, ...])}


def folder(word: str, settings: Settings) -> Path:
    """`last`, a run's id or unique beginning, or its name. A whole id is that run, also beside a copy of it under a longer one."""
    runs = settings.home / "runs"
    ids = [path.name for path in recorded(settings)]
    if word == "last" and ids:
        return runs / ids[-1]
    found = [word] if word in ids else [name for name in ids if name.startswith(word)] if word else []
    found = found if len(found) == 1 else [name for name in ids if _called(runs / name) == word][-1:]
    if found:
        return runs / found[0]
    many = [name for name in ids if word and name.startswith(word)]
    if many:
        raise PlanError("", "RUN", f"{word!r}, which matches {len(many)} runs: {', '.join(many)}", "the beginning of one run")
    if not ids and word == "last":
        raise PlanError("", "RUN", f"no runs in {runs} yet", "one that `longhaul run` makes, or LONGHAUL_HOME naming where they are")
    named = {name: path for path in ids if (name := _called(runs / path))}
    near = difflib.get_close_matches(word, [*ids, *named], 3) or ids[-3:]
    raise PlanError("", "RUN", repr(word), f"a run in {runs}{': ' + ', '.join(near) if near else ', which holds none'}")


def named(name: str, settings: Settings) -> Path | None:
    """The newest run of just this name."""
    return next((path for path in reversed(recorded(settings)) if _called(path) == name), None)


def recorded(settings: Settings) -> tuple[Path, ...]:
    """The folders that hold a record, the oldest first. Raises PlanError where nobody may look."""
    return tuple(path for path in folders(settings) if os.path.exists(path / "run.sqlite"))  # noqa: PTH110  Path.exists raises where nobody may look


def folders(settings: Settings) -> tuple[Path, ...]:
    """The same with those that hold none, such as a run that was killed while it was founded."""
    runs = settings.home / "runs"
    try:
        return tuple(path for path in sorted(runs.iterdir()) if path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as fault:
        raise PlanError(str(runs), "LONGHAUL_HOME", fault.strerror or str(fault), "a folder that can be read") from fault


def _called(path: Path) -> str:
    """A run's name; a damaged neighbour has none."""
    try:
        return opened(path).meta("name")
    except PlanError:
        return ""


def trial(word: str, store: RunStore) -> tuple[str, TrialKey]:
    """A trial by its short id. Raises PlanError naming the nearest."""
    keys = store.keys()
    short = word if word in keys else f"t{word.lstrip('t').zfill(4)}"
    if short in keys:
        return short, keys[short]
    near = difflib.get_close_matches(word, keys, 3) or list(keys)[:3]
    raise PlanError("", "TRIAL", repr(word), f"one of {', '.join(near)} ... of {store.meta('run')}")
