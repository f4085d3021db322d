"""The composition root: a plan and a run's folder become the world of each trial."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from harness.core.agent import Agent
from harness.core.errors import PlanError
from harness.core.events import Digests
from harness.core.observed import Observed
from harness.core.ports import Blobs, Grader, Images, Observer, Sandboxes, Say, Slot, Tool
from harness.core.task import Official, TaskSpec
from harness.core.trial import COUNTED, TrialKey
from harness.engine.lineup import served
from harness.engine.slots import FileSlots
from harness.engine.world import Clock, Job, World
from harness.grading.apply import apply
from harness.grading.examine import Examiner
from harness.plan import NO_MODEL, AgentEntry, ModelEntry, Plan, limits_of, seed_base, seed_of
from harness.settings import Settings
from harness.store.lines import RunLines
from harness.store.sqlite import reading
from harness.wiring.digests import model_field, of_prompts, of_tools
from harness.wiring.engine import engine
from harness.wiring.gpu import gpu
from harness.wiring.lanes import lanes
from harness.wiring.models import KeptModel, asked, models
from harness.wiring.names import bound, creator
from harness.wiring.official import suspected, undone
from harness.wiring.predicted import AGENT as MADE_ELSEWHERE
from harness.wiring.predicted import Patches, kept


def agent(entry: AgentEntry, task: TaskSpec | None = None) -> Agent:
    """The agent of a plan entry; only one that asks for the solution by its signature gets it. Raises PlanError."""
    given: dict[str, object] = {"solution": task.solution if task else None, "moves": (), "requests": ()}
    if task is not None:
        given |= {"moves": task.moves, "requests": tuple(request.id for request in task.brief.requests)}
    made: Agent = bound(creator("agents", entry.use, "agents.use"), given, entry.options, "agent")
    return made


def tools(worker: Agent, task: TaskSpec, plan: Plan, patch: bytes = b"") -> dict[str, Tool]:
    """The tools an agent works with, by the names its model calls them. `patch`: one made elsewhere, for the tool that lays it."""
    given = {
        "patch": patch,
        "test_command": task.brief.test_command,
        "solution": task.solution,
        "default_seconds": plan.limits.command_seconds,
        "longest_seconds": plan.limits.longest_command_seconds,
    }
    made: list[Tool] = [bound(creator("tools", name, "agents.use"), given, {}, "tool") for name in worker.tools()]
    return {tool.spec.name: tool for tool in made}


def sandboxes(plan: Plan, settings: Settings) -> Sandboxes:
    """Where trials run: `use` of the plan's sandbox table, docker unless it says otherwise. Raises MissingError."""
    options = {name: value for name, value in plan.sandbox.items() if name != "use"}
    use = str(plan.sandbox.get("use", "docker"))
    made: Sandboxes = bound(creator("sandboxes", use, "sandbox.use"), engine(settings) if use == "docker" else {}, options, "sandbox")
    return made


def images(plan: Plan, settings: Settings) -> Images:
    """The images of the plan's sandboxes. Raises MissingError."""
    given = {
        **engine(settings), "cache": str(settings.cache), "allow_build": plan.allow.build, "ca_bundle": settings.ca_bundle,
        "index": settings.index, "registry": settings.registry, "mirror": settings.mirror, "disk_gb": settings.disk_gb,
    }
    made: Images = bound(creator("sandboxes", "docker_images", "sandbox.use"), given, {}, "images")
    return made


def grader(task: TaskSpec) -> Grader:
    """The examiner, or the task kind's own."""
    if isinstance(task.check, Official):
        given = {"apply": apply, "undo": undone, "scan": suspected}
        made: Grader = bound(creator("sources", task.check.grader, "check.grader"), given, {}, "grader")
        return made
    return Examiner()


def bounded(task: TaskSpec, timeout_s: float | None) -> TaskSpec:
    """The task with the plan's bound on its tests, where the plan has one."""
    if timeout_s is None or isinstance(task.check, Observed):
        return task
    return msgspec.structs.replace(task, check=msgspec.structs.replace(task.check, deadline=timeout_s))


def refusal(task: TaskSpec) -> Exception | None:
    """Why a task that can be listed can't be run, as its own grader says; None for the others."""
    if not isinstance(task.check, Official):
        return None
    module = sys.modules[creator("sources", task.check.grader, "check.grader").__module__]
    said: Exception | None = module.refusal(task) if hasattr(module, "refusal") else None
    return said


class Shop(msgspec.Struct, frozen=True):
    """Everything a worker needs for all its trials; opened once per process. `interrupted`: seconds since the user asked to stop; `pins`: what was found when the run began."""

    folder: Path
    plan: Plan
    settings: Settings
    harness: str
    sandboxes: Sandboxes
    images: Images
    kept: dict[str, KeptModel]
    say: Say
    interrupted: Callable[[], float | None]
    patches: Patches = Patches()
    pins: dict[str, str] = {}

    def job(self, task: TaskSpec, key: TrialKey, short: str, left_usd: float | None) -> Job:
        """The job of a trial, with what is left of the run's money as one of its limits."""
        worker = agent(self._agent(key), task)
        task = bounded(task, self.plan.grading.timeout_s)
        made = tuple(tools(worker, task, self.plan).values())
        digests = Digests(task.digest, of_prompts(worker), of_tools(made), self.harness)
        limits = limits_of(self.plan, task.limits, left_usd)
        seed = None if key.model == NO_MODEL or not worker.prompts else seed_of(seed_base(self.plan, key.variant), key.task, key.attempt)
        return Job(
            task, key, short, limits, seed, digests, self.settings.host, self.plan.tries, ways=self.plan.steps,
            local=key.model in lanes(self.plan, self.settings), forkable=self.plan.forkable,
            counting=key.variant == COUNTED,
        )  # fmt: skip

    def world(self, task: TaskSpec, key: TrialKey, blobs: Blobs, observer: Observer) -> World:
        """The world of a trial. Raises PlanError, MissingError."""
        worker = agent(self._agent(key), task)
        clock = Clock(time.monotonic, time.sleep, self.interrupted)
        asks = bool(worker.prompts)
        places = self._model(key).concurrency or 1 if asks else 1
        slot = FileSlots(self.folder / "slots", key.model, places, clock.now, clock.sleep)
        lines = RunLines(self.folder, self.sandboxes)
        opened = self._opened(key, slot) if asks else None
        held = tools(worker, task, self.plan, self.patches.of(key, blobs.get))
        return World(
            worker, held, opened, self.sandboxes, self.images, lines, grader(task), blobs, slot, clock, observer, self.say, gpu
        )

    def _opened(self, key: TrialKey, slot: Slot) -> Any:
        name = served(key.model, key.variant)
        if name not in self.kept:
            entry = self._model(key)
            door = models(entry.use.partition("/")[0], entry, self.settings)
            wanted = asked(entry, self.plan.allow, variant=key.variant)
            self.kept[name] = KeptModel(door, wanted, slot, self.pins.get(model_field(entry.use, "digest"), ""))
        return self.kept[name]

    def _model(self, key: TrialKey) -> ModelEntry:
        for entry in self.plan.models:
            if entry.use == key.model:
                return entry
        raise PlanError("", "models.use", repr(key.model), "a model of the plan")

    def _agent(self, key: TrialKey) -> AgentEntry:
        for entry in self.plan.agents:
            if entry.use == key.agent:
                return entry
        raise PlanError("", "agents.use", repr(key.agent), "an agent of the plan")


def shop(folder: Path, plan: Plan, settings: Settings, harness: str, interrupted: Callable[[], float | None], say: Say) -> Shop:
    """Open for one process. Raises PlanError, MissingError, StoreError."""
    patches = Patches()
    if any(entry.use == MADE_ELSEWHERE for entry in plan.agents):
        with closing(reading(folder)) as store:
            patches = kept(store)
    return Shop(folder, plan, settings, harness, sandboxes(plan, settings), images(plan, settings), {}, say, interrupted, patches)
