"""Trials of Harbor folders in real containers, one after the other or a few at a time, and what their records say."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from harness.core.errors import HarnessError
from harness.core.events import GradeRan, LimitReached, RequestGiven, ToolReturned, Trace
from harness.core.grammar import violations
from harness.core.machine import Ended
from harness.core.placing import shared
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey, Verdict
from harness.engine.trial import run_trial
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from harness.plan import NO_MODEL, AgentEntry, Plan
from harness.settings import read as settings
from harness.store.sqlite import create
from harness.wiring.shop import Shop, shop
from task_repos.folder import create as source
from tests.task_repos.harbor_folders import Files, write

BASE = "longhaul/base:bookworm-1"
HEAD = f'[environment]\ndocker_image = "{BASE}"\nnetwork_mode = "no-network"\nworkdir = "/workspace"\n'
TASK: Files = {
    "task.toml": HEAD, "instruction.md": "Do it.\n", "tests/test.sh": "echo 1 > /logs/verifier/reward.txt\n", "solution/solve.sh": "touch work\n",
}  # fmt: skip


class Ran(msgspec.Struct, frozen=True):
    """A trial's record and its verdict."""

    task: TaskSpec
    trace: Trace
    verdict: Verdict
    log: str
    """What the last run of its tests wrote."""

    @property
    def told(self) -> str:
        """Outcome, with the reward or the reason beside it."""
        score = self.verdict.score
        return f"{self.verdict.outcome} {self.verdict.reason if score is None else f'{score:g}'}"

    @property
    def details(self) -> str:
        return "; ".join(run.detail for run in of(self.trace, GradeRan) if run.detail)

    @property
    def limited(self) -> bool:
        return bool(of(self.trace, LimitReached))

    @property
    def cut(self) -> bool:
        return any(event.ended is Ended.DEADLINE for event in of(self.trace, ToolReturned))

    @property
    def asked(self) -> str:
        return " ".join(event.request for event in of(self.trace, RequestGiven))


class Ground(msgspec.Struct, frozen=True):
    """A folder for tasks and records, and the machines of this machine's engine."""

    folder: Path

    def task(self, files: Files, host: dict[str, str] | None = None, name: str = "task") -> TaskSpec:
        """The task of these files over the plain one; its complaint is raised."""
        folder = self.folder / f"{name}-{time.monotonic_ns():x}"
        found = source(path=str(write(folder / name, TASK | files)), environment=host or {})
        for task in found:
            return task
        raise found.faults[0]

    def run(self, files: Files, agent: str = "oracle", *, alone: bool = True, ways: str = "conversation") -> Ran:
        """One trial of it; `alone` False: graded in the agent's own machine."""
        task = self.task(files)
        if not alone:
            task = msgspec.structs.replace(task, check=shared(task.check))
        key = TrialKey("conformance", task.id, agent, NO_MODEL, "", 1)
        where = self.folder / f"run-{time.monotonic_ns():x}"
        held = self._shop(where, Plan((f"harbor:{where}",), agents=(AgentEntry(agent),), tries=1, steps=ways))  # type: ignore[arg-type]
        store = create(where, (key,), {})
        try:
            run_trial(held.job(task, key, "t0001", None), held.world(task, key, store.blobs, _Nobody()), store.begin(key))
            trace = store.trace(key)
            assert violations(trace) == ()
            logs = [run.log for run in of(trace, GradeRan) if run.phase == "test" and run.log]
            log = store.blobs.get(logs[-1]).decode("utf-8", "replace") if logs else ""
            return Ran(task, trace, judge(task.check, trace), log)
        finally:
            store.close()

    def _shop(self, where: Path, plan: Plan) -> Shop:
        return shop(where, plan, settings(dict(os.environ)), "test", lambda: None, _quiet)


def refusal(act: Callable[[], object]) -> str:
    """The sentence that something is refused with, "read" where it is not."""
    try:
        act()
    except HarnessError as fault:
        return str(fault)
    return "read"


class _Nobody:
    def see(self, *_: object) -> None:
        """Nobody watches."""


def _quiet(_text: str) -> None:
    """Nobody listens."""
