"""Runs made by hand for measurements: a store as an evening would leave it, with lawful traces, outputs, and trees that change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from benchmarks.synthetic_trial import MODELS, Written, trace_of
from harness.core.events import Trace
from harness.core.task import Brief, CopiedFile, ImageTag, Place, Provenance, Request, SolveScript, TaskSpec, TestIds
from harness.core.tree import Base, BaseEntry
from harness.core.trial import TrialKey
from harness.metrics.row import row
from harness.plan import AgentEntry, Combination, ModelEntry, Plan, keys
from harness.store.bases import keep
from harness.store.objects import GitObject, made
from harness.store.sqlite import RunStore, create
from harness.wiring.digests import of_harness

RUN = "20260101-010101-cafe"
IMAGE = "sha256:" + "5a" * 32
FILES = 60
BEGAN = 1_767_229_261.0


class Scale(msgspec.Struct, frozen=True):
    """Trials = tasks x models x attempts (of two models), each with so many turns."""

    tasks: int
    attempts: int
    turns: int

    @property
    def trials(self) -> int:
        return self.tasks * self.attempts * len(MODELS)


def lay(home: Path, scale: Scale, run: str = RUN) -> Path:
    """The run's folder under `home`, every trial settled and its row kept."""
    store, tasks = begun(home, scale, run)
    bases = {task: a_base(store.folder, number) for number, task in enumerate(tasks)}
    ended(store, _filled(store, tasks, bases, scale))
    (store.folder / "run.log").write_text('{"event":"made by hand"}\n', encoding="utf-8")
    (store.folder / "workers.log").write_bytes(b"")
    return store.folder


def begun(home: Path, scale: Scale, run: str) -> tuple[RunStore, dict[str, TaskSpec]]:
    """A run of two models with its tasks by id, and nothing of its trials yet."""
    tasks = {task.id: task for task in map(a_task, range(scale.tasks))}
    plan = Plan(("bundled",), name="made by hand", attempts=scale.attempts, models=tuple(map(ModelEntry, MODELS)), agents=(AgentEntry("coder"),))
    planned = keys(run, scale.attempts, tuple(tasks), tuple(Combination("coder", model) for model in MODELS))
    meta = {"run": run, "name": "made by hand", "created": "2026-01-01T01:01:01+0000", "plan": msgspec.json.encode(plan).decode(), "harness": of_harness(), "host": "nowhere"}
    store = create(home / "runs" / run, planned, meta)
    store.keep("tasks", msgspec.json.encode(store.blobs.put(msgspec.json.encode(tuple(tasks.values())))).decode())
    return store, tasks


def ended(store: RunStore, rows: dict[str, bytes]) -> None:
    """The run is over; `rows` by short id are kept under the judge that it was begun with."""
    store.keep_rows(store.meta("harness"), rows)
    store.keep("finished", "2026-01-01T06:00:00+0000")
    store.close()


def _filled(store: RunStore, tasks: dict[str, TaskSpec], bases: dict[str, Base], scale: Scale) -> dict[str, bytes]:
    """Short id -> row. Traces go in through one connection: the record's own pen forces each settlement to disk, which is not measured here."""
    rows = {}
    with closing(sqlite3.connect(store.folder / "run.sqlite", isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        for number, (short, key) in enumerate(store.keys().items()):
            trace = trace_of(Written(store.folder, store.blobs, bases[key.task], number), key, tasks[key.task], scale.turns)
            _keep(database, short, trace, BEGAN + number)
            rows[short] = msgspec.json.encode(row(short, key, tasks[key.task], trace))
        database.execute("COMMIT")
    return rows


def _keep(database: sqlite3.Connection, short: str, trace: Trace, at: float) -> None:
    encode = msgspec.json.Encoder().encode
    database.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", ((short, entry.seq, entry.at, encode(entry.event)) for entry in trace))
    database.execute("UPDATE trials SET settled = ?, tries = 1, fence = 1 WHERE short = ?", (at, short))


def a_task(number: int) -> TaskSpec:
    ids = tuple(f"tests/test_part{k}.py::test_{name}" for k in range(4) for name in ("first", "second", "third"))
    return TaskSpec(
        f"task-{number:03d}", f"sha256:{number:064x}",
        Brief((Request("task", f"# Task {number}\n\nThe totals of `part{number % 10}` are off by one.\n" + "Mind the callers. " * 60),), "pytest -q"),
        Place(ImageTag("longhaul/made-by-hand"), workdir="/workspace"), TestIds("pytest", "junit", ids[:2], ids[2:]),
        Provenance("made by hand", "2026-01-01", languages=("python",)), solution=SolveScript((CopiedFile("solve.sh", b"true\n"),)),
    )  # fmt: skip


def a_base(folder: Path, number: int) -> Base:
    """Some packages of small modules, as objects and as a listing."""
    objects: list[GitObject] = []
    entries = [BaseEntry(f"part{k}".encode(), "dir", 0o755, 0, "") for k in range(6)]
    for k in range(FILES):
        data = f'"""Module {k} of task {number}."""\n\n'.encode() + b"".join(b"def part_%d(value):\n    return value + %d\n\n\n" % (line, k) for line in range(30))
        objects.append(made(b"blob", data))
        entries.append(BaseEntry(f"part{k % 6}/module{k:02d}.py".encode(), "file", 0o644, len(data), objects[-1].oid))
    base = Base(f"sha256:{number:064x}"[:7] + f"{number:064x}"[::-1], tuple(entries))
    keep(folder, base, objects)
    return base


def first_key(store: RunStore) -> TrialKey:
    return next(iter(store.keys().values()))
