"""Runs laid by hand for questions about nights: a real store whose trials are settled and whose rows are kept, without a trace."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from harness.core.chat import Sampling
from harness.core.facts import ModelFacts, Window
from harness.core.task import Brief, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TrialKey
from harness.metrics.environment import Environment
from harness.metrics.row import Row, RowDigests
from harness.plan import AgentEntry, ModelEntry, Plan
from harness.store.sqlite import create
from harness.wiring.digests import of_harness
from tests.cli.rows import a_row

MODEL = "ollama/qwen3.6:27b"
FACTS = ModelFacts("ollama", "qwen3.6:27b", server_version="0.9", digest="sha256:aaaa", quantisation="Q4_K_M", sampling=Sampling(temperature=0.6, seed=1))
LIMITS = '{"turns":150,"cost_usd":3.5}'
ENDS = {"p": ("passed", "solved"), "f": ("failed", "wrong"), "b": ("broken", "model"), "d": ("failed", "disputed"), "s": ("failed", "suspicious"), ".": ("pending", "none"), "i": ("invalid", "leak")}
"""A trial's letter in a word such as "ppf"."""


def a_night(ends: Mapping[str, str], *, variant: str = "", model: str = MODEL, facts: ModelFacts = FACTS, **fields: object) -> tuple[Row, ...]:
    """Rows, attempt by attempt: task -> a letter for each attempt. `fields` change every row."""
    environment = Environment("0.1.0 sha256:h", LIMITS, 7, facts)
    rows = []
    for attempt in range(1, max(map(len, ends.values())) + 1):
        for task, word in ends.items():
            if attempt > len(word):
                continue
            outcome, reason = ENDS[word[attempt - 1]]
            evidence = () if outcome == "passed" else (f"tests/test_{task}.py::test_it: failed",)
            given = {
                "task": task, "model": model, "variant": variant, "attempt": attempt, "outcome": outcome, "reason": reason, "evidence": evidence,
                "window": Window(None, 32768), "thinking": "on", "environment": environment if outcome != "pending" else Environment(),
                "digests": RowDigests(f"sha256:{task}", "sha256:i", "sha256:p", "sha256:u", facts.digest),
            }  # fmt: skip
            rows.append(a_row(**(given | fields)))
    return numbered(rows)


def numbered(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Short ids in this order, as a run has them."""
    return tuple(msgspec.structs.replace(row, trial=f"t{number:04d}") for number, row in enumerate(rows, 1))


def suite(tasks: int, word: str = "ppp", **others: str) -> dict[str, str]:
    """So many tasks that all ended so, and some (task_00="fff") that did not."""
    return {f"task-{number:02d}": word for number in range(tasks)} | {name.replace("_", "-"): ends for name, ends in others.items()}


def drawn(rates: Sequence[float], attempts: int, seed: int) -> dict[str, str]:
    """A night of tasks with these chances."""
    chance = random.Random(seed)
    return {f"task-{number:03d}": "".join("p" if chance.random() < rate else "f" for _ in range(attempts)) for number, rate in enumerate(rates)}


def lay(home: Path, run: str, rows: Sequence[Row], *, created: str = "2026-01-01T20:00:00+0000", seed: int = 7, name: str = "nightly") -> Path:
    """The run's folder: what is not pending is settled, with its row as today's judge would keep it."""
    held, folder, judge = numbered(rows), home / "runs" / run, of_harness()
    tasks = {row.task: _task(row) for row in held}
    models = tuple(ModelEntry(model) for model in dict.fromkeys(row.model for row in held) if model != "none")
    plan = Plan(("bundled",), name=name, seed=seed, models=models, agents=(AgentEntry("coder"),))
    keys = tuple(TrialKey(run, row.task, row.agent, row.model, row.variant, row.attempt) for row in held)
    meta = {"run": run, "name": name, "created": created, "plan": msgspec.json.encode(plan).decode(), "harness": judge, "host": "nowhere"}
    store = create(folder, keys, meta)
    store.keep("tasks", msgspec.json.encode(store.blobs.put(msgspec.json.encode(tuple(tasks.values())))).decode())
    done = [row for row in held if row.outcome != "pending"]
    with closing(sqlite3.connect(folder / "run.sqlite")) as database, database:
        database.executemany("UPDATE trials SET settled = 1, tries = 1, fence = 1 WHERE short = ?", [(row.trial,) for row in done])
    store.keep_rows(judge, {row.trial: msgspec.json.encode(row) for row in done})
    store.close()
    return folder


def _task(row: Row) -> TaskSpec:
    return TaskSpec(
        row.task, row.digests.task, Brief((Request("task", "Mend it."),), "pytest -q"), Place(ImageTag("longhaul/by-hand"), workdir="/workspace"),
        TestIds("pytest", "junit", ("tests/test_a.py::test_a",), ()), Provenance("by hand"),
    )  # fmt: skip


