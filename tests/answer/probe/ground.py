"""A tiny task with a rule, and a recorded run of it by a model that forgets the rule when it is far back."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing
from pathlib import Path

import msgspec

from harness.cli.record.runs import remember, remembered
from harness.core.memory import Manifest
from harness.core.task import TaskSpec
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


def told(run: Path) -> Manifest | None:
    """The manifest of the run's one task."""
    with closing(RunStore(run)) as store:
        (task,) = _tasks(store)
    return task.memory


def with_items(run: Path, manifest: Manifest | None) -> None:
    """The run's tasks with this manifest, as if they had been read with it."""
    with closing(RunStore(run)) as store:
        remember(store, tuple(msgspec.structs.replace(task, memory=manifest) for task in _tasks(store)))


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
