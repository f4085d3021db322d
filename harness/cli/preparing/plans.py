"""The command line's words as a plan: a file's values first, then what was said beside it."""

from __future__ import annotations

import difflib
import secrets
import typing
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from harness.core.errors import PlanError
from harness.plan import ARM_EXPECTED, OLLAMA, AgentEntry, Allowed, ModelEntry, Option, Plan, RunLimits, checked, load

REFERENCES = ("oracle", "idle")
ONE_AGENT = "agent:"
"""Before the name of the one agent that an option is for; `agent.` alone gives it to all."""


class Said(msgspec.Struct, frozen=True):
    """The options of `run` that make a plan; empty or None where nothing was said."""

    plan: Path | None = None
    models: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    attempts: int | None = None
    seed: int | None = None
    parallel: int | None = None
    options: tuple[str, ...] = ()
    max_cost: float | None = None
    window: int | None = None
    allow: Allowed = Allowed()
    forkable: bool = False
    hours: float | None = None
    as_users_run_it: bool = False


def planned(said: Said) -> Plan:
    """The plan, with what chance decides. Raises PlanError naming the option that is wrong."""
    return drawn(worded(said))


def worded(said: Said) -> Plan:
    """The plan as it was asked for: the same words make the same plan. Raises PlanError naming the option that is wrong."""
    plan = load(said.plan) if said.plan else Plan(tasks=said.tasks or ("bundled",))
    plan = _named(plan, said)
    plan = _counted(plan, said)
    for word in said.options:
        plan = _set(plan, word)
    checked(plan, "the command line")
    return plan


def drawn(plan: Plan) -> Plan:
    """Fresh seeds are drawn once, here, and kept with the plan, so that a resumed run goes on with them."""
    if not plan.fresh or plan.fresh_seed is not None:
        return plan
    return msgspec.structs.replace(plan, fresh_seed=secrets.randbelow(1 << 31))


Given = TypeVar("Given")


def _or(said: Given | None, before: Given) -> Given:
    return before if said is None else said


def _named(plan: Plan, said: Said) -> Plan:
    known = {entry.use: entry for entry in plan.models}
    models = tuple(known.get(name, ModelEntry(name)) for name in said.models) or plan.models
    if said.window is not None:
        models = tuple(msgspec.structs.replace(entry, window=said.window) for entry in models)
    if said.as_users_run_it:
        models = _both(models)
    doers = {entry.use: entry for entry in plan.agents}
    agents = tuple(doers.get(name, AgentEntry(name)) for name in said.agents) or plan.agents
    return msgspec.structs.replace(plan, tasks=said.tasks or plan.tasks, models=models, agents=agents)


def _both(models: tuple[ModelEntry, ...]) -> tuple[ModelEntry, ...]:
    """Raises PlanError where no model has a second arm."""
    if not any(entry.use.startswith(OLLAMA) for entry in models):
        raise PlanError("", "--as-users-run-it", ", ".join(entry.use for entry in models) or "no model", ARM_EXPECTED)
    return tuple(msgspec.structs.replace(entry, as_users_run_it=entry.use.startswith(OLLAMA)) for entry in models)


def _counted(plan: Plan, said: Said) -> Plan:
    limits = RunLimits(_or(said.max_cost, plan.run_limits.cost_usd), _or(said.hours, plan.run_limits.hours))
    allow = Allowed(**{name: _either(name, said.allow, plan.allow) for name in Allowed.__struct_fields__})
    return msgspec.structs.replace(
        plan, attempts=_or(said.attempts, plan.attempts), seed=_or(said.seed, plan.seed),
        parallel=_or(said.parallel, plan.parallel), run_limits=limits, allow=allow,
        forkable=said.forkable or plan.forkable,
    )


def _either(name: str, said: Allowed, before: Allowed) -> bool:
    """What either of them says; building is the one thing that is allowed until somebody refuses it."""
    pair = (bool(getattr(said, name)), bool(getattr(before, name)))
    return all(pair) if name == "build" else any(pair)


def allowed(*, no_build: bool = False, as_: str = "", **said: bool) -> Allowed:
    """The flags of a command line as the leave they give. Raises PlanError for `--as` of something else."""
    if as_ not in ("", "harbor"):
        raise PlanError("", "--as", repr(as_), "harbor")
    return Allowed(build=not no_build, harbor=as_ == "harbor", **said)


def _set(plan: Plan, word: str) -> Plan:
    """One `-o room.name=value`."""
    place, equals, value = word.partition("=")
    room, _, name = place.rpartition(".") if place.startswith(ONE_AGENT) else place.partition(".")
    if not equals or not name or not room:
        raise PlanError("", "-o", repr(word), "ROOM.NAME=VALUE, such as model.base_url=http://127.0.0.1:8080")
    if room.startswith(ONE_AGENT):
        return _one_agent(plan, room.removeprefix(ONE_AGENT), name, value)
    match room:
        case "model" if not plan.models:
            raise PlanError("", f"-o {place}", "no model in this plan", "-m KIND/NAME beside it")
        case "agent" if all(entry.use in REFERENCES for entry in plan.agents):
            raise PlanError("", f"-o {place}", "reference agents only, which take no options", "-a AGENT beside it")
        case "model":
            return msgspec.structs.replace(plan, models=tuple(_model(entry, name, value) for entry in plan.models))
        case "agent":
            agents = tuple(_agent(entry, name, value) for entry in plan.agents)
            return msgspec.structs.replace(plan, agents=agents)
        case "sandbox":
            return msgspec.structs.replace(plan, sandbox={**plan.sandbox, name: value})
        case "source":
            return msgspec.structs.replace(plan, source={**plan.source, name: value})
        case "limits" | "run_limits" | "grading":
            return _table(plan, room, name, value)
        case _:
            raise PlanError("", "-o", repr(room), "model, agent, sandbox, source, limits, run_limits or grading" + nearest(room, ("model", "agent", "sandbox", "limits", "run_limits", "grading")))


def _model(entry: ModelEntry, name: str, value: str) -> ModelEntry:
    """A field of the entry itself (window, thinking, temperature ...), or an option of its adapter."""
    if name in ModelEntry.__struct_fields__ and name not in ("use", "options"):
        return msgspec.structs.replace(entry, **{name: _typed("model", ModelEntry, name, value)})
    return msgspec.structs.replace(entry, options={**entry.options, name: value})


def _one_agent(plan: Plan, use: str, name: str, value: str) -> Plan:
    """Raises PlanError for an agent that the plan does not have, and for one that takes no options."""
    known = [entry.use for entry in plan.agents if entry.use not in REFERENCES]
    if use not in known:
        raise PlanError("", f"-o {ONE_AGENT}{use}.{name}", f"no agent {use!r} with options in this plan", (", ".join(known) or "-a AGENT beside it") + nearest(use, known))
    return msgspec.structs.replace(plan, agents=tuple(_agent(entry, name, value) if entry.use == use else entry for entry in plan.agents))


def _agent(entry: AgentEntry, name: str, value: Option) -> AgentEntry:
    """The reference agents take no options of the agent under test."""
    return entry if entry.use in REFERENCES else msgspec.structs.replace(entry, options={**entry.options, name: value})


def _table(plan: Plan, room: str, name: str, value: str) -> Plan:
    table: msgspec.Struct = getattr(plan, room)
    if name not in table.__struct_fields__:
        raise PlanError("", f"-o {room}.{name}", "an unknown key", f"one of {', '.join(table.__struct_fields__)}{nearest(name, table.__struct_fields__)}")
    changed = msgspec.structs.replace(table, **{name: _typed(room, type(table), name, value)})
    return msgspec.structs.replace(plan, **{room: changed})


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint at what may have been meant, or nothing."""
    near = difflib.get_close_matches(word, list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _typed(room: str, table: type[msgspec.Struct], name: str, value: str) -> object:
    kind = next(field.type for field in msgspec.structs.fields(table) if field.name == name)
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as fault:
        raise PlanError("", f"-o {room}.{name}", repr(value), kind_words(kind)) from fault


WORDS: dict[object, str] = {int: "an integer", float: "a number", bool: "true or false", str: "a text"}


def kind_words(kind: object) -> str:
    """The kind of a value in a user's words; a value that may be left out is one of its kind."""
    each = [one for one in typing.get_args(kind) or (kind,) if one is not type(None)]
    return " or ".join(WORDS.get(one, str(one)) for one in each)
