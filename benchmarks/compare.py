"""Comparing two models on 500 tasks with five attempts each, from a run on record: the whole command, its page and summary included."""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from benchmarks.figures import Figure, longhaul, told
from benchmarks.synthetic import RUN, Scale, a_base, begun, ended
from benchmarks.synthetic_trial import MODELS, Written, trace_of
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.metrics.row import Row, row
from harness.store.sqlite import RunStore

FULL, QUICK = Scale(500, 5, 1), Scale(50, 5, 1)
COMPARE_S, GATE_S = 3.0, 2.0
DRAWN = 20_240_617
TONIGHT = "20260102-010101-cafe"


def measure(quick: bool = False) -> tuple[Figure, ...]:
    """The run's traces are empty: figures that came from anything but kept rows would be none."""
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory() as scratch:
        home, place = Path(scratch), Path(scratch) / "out"
        for number, run in enumerate((RUN, TONIGHT)):
            lay_rows(home, scale, run, DRAWN + number)
        plain = longhaul(home, "compare", RUN, "-a", MODELS[0], "-b", MODELS[1])
        if f"{scale.tasks} task" not in plain.out:
            raise RuntimeError(plain.out[-400:])
        page = longhaul(home, "compare", RUN, "--html", str(place / "c.html"), "--summary", str(place / "c.md"), "--json")
        longhaul(home, "baseline", RUN, "--to", str(place / "nightly.json"))
        gate = longhaul(home, "gate", TONIGHT, "--baseline", str(place / "nightly.json"))
    what = f"two models x {scale.tasks} tasks x {scale.attempts} attempts"
    return (
        Figure("compare_s", f"compare of {what}", plain.seconds, "s", most=COMPARE_S),
        Figure("compare_cpu_s", "its processor seconds", plain.cpu, "s"),
        Figure("compare_peak_mb", "its peak memory", plain.peak / 1e6, "MB"),
        Figure("compare_page_s", "the same with page, summary and JSON", page.seconds, "s"),
        Figure("gate_s", f"gate of {what}", gate.seconds, "s", most=GATE_S),
        Figure("gate_cpu_s", "its processor seconds", gate.cpu, "s"),
    )


def lay_rows(home: Path, scale: Scale, run: str = RUN, seed: int = DRAWN) -> Path:
    """A run's folder of which only the kept rows are filled; the second model solves a little more than the first."""
    store, tasks = begun(home, scale, run)
    with closing(sqlite3.connect(store.folder / "run.sqlite")) as database, database:
        database.execute("UPDATE trials SET settled = 1767229261.0, tries = 1, fence = 1")
    ended(store, {each.trial: msgspec.json.encode(each) for each in _rows(store, tasks, random.Random(seed))})
    return store.folder


def _rows(store: RunStore, tasks: dict[str, TaskSpec], drawn: random.Random) -> Iterator[Row]:
    """Each model's own first trial, told again for every other; how hard a task is stays the same from night to night."""
    easing, first = random.Random(DRAWN), next(iter(tasks.values()))
    shape = {model: _first(store, TrialKey(store.meta("run"), first.id, "coder", model, "", 1), first) for model in MODELS}
    chance = {task: easing.choice((0.0, 0.0, 0.2, 0.5, 0.8, 1.0, 1.0)) for task in tasks}
    for short, key in store.keys().items():
        passed = drawn.random() < min(1.0, chance[key.task] * (1.0 if key.model == MODELS[0] else 1.1))
        ours = shape[key.model]
        yield msgspec.structs.replace(
            ours, trial=short, task=key.task, attempt=key.attempt, outcome="passed" if passed else "failed", reason="solved" if passed else "wrong",
            digests=msgspec.structs.replace(ours.digests, task=tasks[key.task].digest),
        )  # fmt: skip


def _first(store: RunStore, key: TrialKey, task: TaskSpec) -> Row:
    written = Written(store.folder, store.blobs, a_base(store.folder, 0), 1)
    return row("t0001", key, task, trace_of(written, key, task, 1))


if __name__ == "__main__":
    sys.exit(told(measure, __doc__))
