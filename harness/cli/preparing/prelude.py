"""Everything that can be found wrong before the first container starts: tasks, names, options, engine, model, images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from harness.cli.images import require_room
from harness.cli.preparing import pins
from harness.cli.preparing.permits import as_allowed, require_leave
from harness.core.errors import PlanError, TaskError
from harness.core.facts import ModelFacts
from harness.core.machine import PreparedImage
from harness.core.ports import Images, Model, Say
from harness.core.task import TaskSpec, places
from harness.core.trial import AS_USERS_RUN_IT
from harness.log import checked
from harness.plan import NO_MODEL, AgentEntry, Combination, ModelEntry, Plan
from harness.settings import Settings
from harness.wiring.choose import EMBEDDED, choose
from harness.wiring.digests import of_harness, of_prompts, of_tools
from harness.wiring.foreign import Foreign
from harness.wiring.models import asked, models, stated
from harness.wiring.predicted import AGENT as MADE_ELSEWHERE
from harness.wiring.shop import agent, images, refusal, sandboxes, tools
from harness.wiring.sources import collect

EMBEDDED_PARALLEL = 2
"""A scripted model has no GPU to share, so the embedded default uses both hands."""
PLAYED = ("bundled#weather-spread", "bundled#scheduler-split", "bundled#tollbook-errcodes")
"""The tasks that the embedded script knows."""


class Ready(msgspec.Struct, frozen=True):
    """A plan whose every name leads somewhere, with its tasks, its combinations, and by field what must stay as it is."""

    plan: Plan
    tasks: tuple[TaskSpec, ...]
    combinations: tuple[Combination, ...]
    pins: dict[str, str] = {}


class Met(msgspec.Struct, frozen=True):
    """A plan whose tasks were found and whose models were asked what they are, before any image is made. `facts`: by model; `pins` as of Ready."""

    plan: Plan
    tasks: tuple[TaskSpec, ...]
    combinations: tuple[Combination, ...]
    facts: dict[str, ModelFacts]
    pins: dict[str, str]


Look: TypeAlias = Callable[[Model, Plan, ModelEntry, TaskSpec], None]
"""Called with each model while it is open: loading it once more to look at it would take a minute. The task is the plan's first."""


def unseen(_model: Model, _plan: Plan, _entry: ModelEntry, _task: TaskSpec) -> None:
    """The look of who wants none."""


def prepared(plan: Plan, settings: Settings, say: Say, *, demo: bool) -> Ready:
    """Raises UserError and MissingError; nothing has been started then but a model that was asked what it is."""
    return furnished(met(plan, settings, say, demo=demo), settings, say)


def met(plan: Plan, settings: Settings, say: Say, *, demo: bool, look: Look = unseen) -> Met:
    """The same up to the first image. Raises UserError, MissingError, ModelError."""
    plan = _with_model(plan, settings, say, demo=demo)
    if demo and plan.tasks == ("bundled",) and [entry.use for entry in plan.models] == [EMBEDDED]:
        plan = msgspec.structs.replace(plan, tasks=PLAYED)
    found = collect(plan.tasks, settings, plan.source, plan.seed)
    for fault in (*found.faults, *filter(None, map(refusal, found.tasks))):
        raise fault
    for doer in plan.agents:
        agent(doer, found.tasks[0])
    tasks = as_allowed(found.tasks, plan.allow)
    _with_solutions(plan, tasks)
    _with_patches(plan)
    return _asked(plan, tasks, settings, say, look)


def greeted(plan: Plan, tasks: tuple[TaskSpec, ...], settings: Settings, say: Say) -> Ready:
    """A plan whose models are named, with each model asked what it is and each image made. Raises UserError, MissingError, ModelError."""
    return furnished(_asked(plan, tasks, settings, say, unseen), settings, say)


def _asked(plan: Plan, tasks: tuple[TaskSpec, ...], settings: Settings, say: Say, look: Look) -> Met:
    checked(settings.log)
    combinations = combined(plan, tasks[0])

    def seen(model: Model, entry: ModelEntry) -> None:
        look(model, plan, entry, tasks[0])

    known = [_greeted(entry, plan, settings, say, seen) for entry in plan.models]
    found = {pins.HARNESS: of_harness()}
    for entry, facts in known:
        found |= pins.of_model(entry.use, facts)
    for doer in plan.agents:
        made = agent(doer, tasks[0])
        found |= pins.of_agent(doer.use, of_prompts(made), of_tools(tuple(tools(made, tasks[0], plan).values())))
    plan = msgspec.structs.replace(plan, models=tuple(entry for entry, _ in known))
    return Met(plan, tasks, combinations, {entry.use: facts for entry, facts in known}, found)


def furnished(held: Met, settings: Settings, say: Say) -> Ready:
    """With every image made. Raises UserError, MissingError, SandboxError."""
    plan, tasks, found = held.plan, held.tasks, dict(held.pins)
    sandboxes(plan, settings)
    shelf = images(plan, settings)
    roomy(shelf, tasks, say)
    for task in tasks:
        able(task, plan)
        found |= pins.of_image(task.id, _made(task, shelf, plan, say))
    return Ready(plan, tasks, held.combinations, found)


def able(task: TaskSpec, plan: Plan) -> None:
    """Raises TaskError where the task has something for its agent that an agent of ours with a model would not be given."""
    if task.brief.needs and _asks(plan):
        expected = "agents that ask no model (-a oracle, -a idle): the others can't use it"
        raise TaskError(task.provenance.source, f"{task.id} {', '.join(task.brief.needs)}", "in the task", expected)


def _made(task: TaskSpec, shelf: Images, plan: Plan, say: Say) -> PreparedImage:
    """The agent's image, once all are ready. Raises TaskError for one whose user turns out to be root under another name."""
    ready = [shelf.prepare(place, say) for place in places(task)]
    for image in ready:
        if image.user.uid == 0:
            require_leave(task, image.user.name or "uid 0", plan.allow)
    return ready[0]


def roomy(shelf: Images, tasks: tuple[TaskSpec, ...], say: Say) -> None:
    """What must be pulled or built is said first. Raises MissingError where it can't fit on the engine's disk."""
    wanted = shelf.needs(tuple(place for task in tasks for place in places(task)))
    if wanted.items:
        say(wanted.words)
    require_room(wanted)


def _with_model(plan: Plan, settings: Settings, say: Say, *, demo: bool) -> Plan:
    """A run without a named model takes the local server's; a demo without one takes the embedded default."""
    if plan.models:
        return plan if not demo else msgspec.structs.replace(plan, attempts=1)
    if not demo and not _asks(plan):
        return plan
    choice = choose(settings)
    if choice.use == EMBEDDED and not demo:
        raise PlanError("", "models", "none", f"-m KIND/NAME ({choice.why})")
    if choice.use != EMBEDDED:
        say(f"model: {choice.use} ({choice.why})")
    else:
        say(f"No real model takes part: {choice.why}. A scripted model plays its part beside the reference agents.")
    agents = (*plan.agents, AgentEntry("oracle"), AgentEntry("idle")) if choice.use == EMBEDDED else plan.agents
    parallel = max(plan.parallel, EMBEDDED_PARALLEL) if choice.use == EMBEDDED else plan.parallel
    attempts = 1 if demo else plan.attempts
    return msgspec.structs.replace(plan, models=(ModelEntry(choice.use),), agents=agents, attempts=attempts, parallel=parallel)


def _with_solutions(plan: Plan, tasks: tuple[TaskSpec, ...]) -> None:
    """An oracle without a solution would fail for a reason that says nothing of the task. Raises PlanError."""
    bare = [task.id for task in tasks if task.solution is None]
    if bare and any(entry.use == "oracle" for entry in plan.agents):
        raise PlanError("", "agents", f"oracle, but no solution in {', '.join(bare)}", "tasks with a solution; leave out -a oracle")


def _with_patches(plan: Plan) -> None:
    """The agent that stands for patches made elsewhere has none here. Raises PlanError."""
    if any(entry.use == MADE_ELSEWHERE for entry in plan.agents):
        raise PlanError("", "agents.use", repr(MADE_ELSEWHERE), "an agent that works: patches made elsewhere are `longhaul grade`'s")


def _asks(plan: Plan) -> bool:
    with Foreign("agents.use", "what is no agent", "what harness.core.agent.Agent says"):
        return any(agent(entry).prompts for entry in plan.agents)


def combined(plan: Plan, task: TaskSpec) -> tuple[Combination, ...]:
    """Each agent with each model it can ask; an agent that asks none stands once. Raises PlanError for a wrong name or option."""
    done: list[Combination] = []
    for entry in plan.agents:
        with Foreign("agents.use", f"{entry.use!r}, which is no agent", "what harness.core.agent.Agent says"):
            made = agent(entry, task)
            tools(made, task, plan)
            asks = bool(made.prompts)
        done += [pair for model in plan.models for pair in _arms(entry.use, model)] if asks else [Combination(entry.use, NO_MODEL)]
    if not done:
        raise PlanError("", "models", "none", "-m KIND/NAME: the agents of this plan ask a model")
    return tuple(done)


def _arms(doer: str, model: ModelEntry) -> list[Combination]:
    """Side by side: with cutting refused, and where the plan wants it as users run it."""
    return [Combination(doer, model.use, variant) for variant in ("", AS_USERS_RUN_IT)[: 1 + model.as_users_run_it]]


def _greeted(entry: ModelEntry, plan: Plan, settings: Settings, say: Say, seen: Callable[[Model, ModelEntry], None]) -> tuple[ModelEntry, ModelFacts]:
    """Open the model once, so that what is missing is known now; say what it is and what to know of it.

    A local model's window is found by loading it; what was found here holds for all trials of the run.
    """
    with models(entry.use.partition("/")[0], entry, settings).open(asked(entry, plan.allow, prove=True)) as model:
        facts = model.facts
        _introduced(facts, entry, plan, say)
        seen(model, entry)
    found = facts.window.granted if facts.kind == "ollama" and entry.window is None else entry.window
    # What Ollama tells has been tried out; what others tell of themselves is a guess that the plan may know better.
    places = facts.concurrency if facts.kind == "ollama" else entry.concurrency or facts.concurrency
    return msgspec.structs.replace(entry, window=found, concurrency=places, cutoff=stated(entry)), facts


def _introduced(facts: ModelFacts, entry: ModelEntry, plan: Plan, say: Say) -> None:
    """Raises PlanError for a model that can't do what the plan's agents ask."""
    say(greeting(facts))
    for warning in facts.warnings:
        say(f"note: {warning}")
    if facts.remote and facts.price is None:
        say(f"note: no price of {facts.kind}/{facts.name} is known, so --max-cost does not bind it")
    needs = [each.use for each in plan.agents if agent(each).prompts and each.use != "bash_only"]
    if "tools" not in facts.capabilities and needs:
        raise PlanError("", "agents", f"{needs[0]} with {entry.use}, which can't call tools", "-a bash_only for this model")


def greeting(facts: ModelFacts) -> str:
    """One line of what answers."""
    words = [f"{facts.kind}/{facts.name}"]
    words += [word for word in (facts.parameters, facts.quantisation) if word]
    if facts.window.granted:
        trained = f" of {facts.window.trained:,} trained" if facts.window.trained else ""
        words.append(f"window {facts.window.granted:,}{trained} tokens")
    if facts.on_gpu is not None:
        words.append(f"{100 * facts.on_gpu:.0f} % on the GPU")
    return "model " + ", ".join(words)
