"""A tiny task with a rule, and a recorded run of it by a model that forgets the rule when it is far back."""

from __future__ import annotations

import hashlib
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from harness.cli.record.runs import remember, remembered
from harness.core.events import Trace
from harness.core.memory import Manifest
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.plan import Plan
from harness.settings import read
from harness.store.sqlite import RunStore
from tests.end_to_end.tiny import FILES, last, longhaul, write_task

MODEL = "tests.answer.probe.reader/one"
REQUEST = "Add seven parts to pkg, one file each (1.1, 1.2). Every new function ends with `_op`. Be quick about it.\n"
LONGHAUL = FILES["tests/longhaul.toml"] + """
[[stage]]
step = "task"
[[memory]]
id = "suffix"
kind = "rule"
text = "Every new function ends with `_op`."
fingerprints = ["_op"]
from = "task"
manner = "sleeper"
value = "_op"
[[constraint]]
item = "suffix"
predicate = { type = "named", paths = ["pkg/**/*.py"], pattern = ".*_op", kind = "function" }
occasion = { type = "adds", kind = "function", paths = ["pkg/**/*.py"] }
[[milestone]]
id = "s1.1"
point = "1.1"
stage = "task"
predicate = { type = "exists", path = "pkg/part1.py" }
[[milestone]]
id = "s1.2"
point = "1.2"
stage = "task"
predicate = { type = "exists", path = "pkg/part7.py" }
"""


class Ground:
    """A home with the run "parent"."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.folder = folder / "home"
        self.task = write_task(folder, instruction=REQUEST, longhaul=LONGHAUL)
        plan = ("-t", f"harbor:{self.task}", "-m", MODEL, "-n", "1", "--run", "parent", *words)
        done = self.do("run", *plan)
        assert done.returncode == 0, done.stderr + done.stdout
        self.parent = last(self.folder).folder

    def do(self, *words: str) -> subprocess.CompletedProcess[str]:
        return longhaul(self.folder, *words)

    def runs(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "runs").iterdir())


def sums(folder: Path) -> dict[str, str]:
    """Every file of a run but its locks, by digest."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".lock" and not path.name.endswith(("-wal", "-shm")))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def side(document: dict[str, Any]) -> dict[str, Any]:
    """Of a document that has but one."""
    (one,) = document["sides"]
    found: dict[str, Any] = one
    return found


def traces(folder: Path, arm: str) -> list[tuple[TrialKey, Trace]]:
    """Of all trials under the arm."""
    with closing(RunStore(folder)) as store:
        return [(key, store.trace(key)) for key in store.keys().values() if key.variant == arm]


def told(run: Path) -> Manifest | None:
    """The manifest of the run's one task."""
    with closing(RunStore(run)) as store:
        (task,) = _tasks(store)
    return task.memory


def with_items(run: Path, manifest: Manifest | None) -> None:
    """The run's tasks with this manifest, as if they had been read with it."""
    with closing(RunStore(run)) as store:
        remember(store, tuple(msgspec.structs.replace(task, memory=manifest) for task in _tasks(store)))


def with_window(run: Path, window: int | None) -> int | None:
    """The run's plan with this window of its one model, as if it had been asked for so; the one before."""
    with closing(RunStore(run)) as store:
        plan = msgspec.json.decode(store.meta("plan"), type=Plan)
        (entry,) = plan.models
        store.keep("plan", msgspec.json.encode(msgspec.structs.replace(plan, models=(msgspec.structs.replace(entry, window=window),))).decode())
    return entry.window


def _tasks(store: RunStore) -> tuple[TaskSpec, ...]:
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    return tuple(remembered(store, plan, read()).values())


def until_some(ground: Ground, known: set[str]) -> frozenset[str]:
    """The settled trials of the new run, as soon as there are any."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for run in set(ground.runs()) - known:
            if (ground.folder / "runs" / run / "run.sqlite").exists():
                with closing(RunStore(ground.folder / "runs" / run)) as store:
                    if settled := frozenset(store.settled_shorts()):
                        return settled
        time.sleep(0.05)
    raise AssertionError("no replay settled in two minutes")
