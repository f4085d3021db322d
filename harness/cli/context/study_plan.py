"""The plan of a study: what to run it on, read strictly from TOML, and the plans of the runs that it is made of."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from harness.answer.study.claims import Study
from harness.answer.study.designs import Leg, Sizes, legs
from harness.cli.context.study_mistakes import mistake
from harness.core.errors import PlanError, unread
from harness.core.regular import read_regular
from harness.plan import OLLAMA, AgentEntry, Allowed, ModelEntry, Option, Plan, PlanLimits, RunLimits, checked

MOST_BYTES: Final = 1 << 20
OWN: Final[dict[Study, tuple[str, ...]]] = {"fading": ("distances",), "budget": ("budgets",), "rules": ("counts", "exposures", "as_users_run_it")}
"""Keys that only one study has."""
AGENTS: Final[dict[Study, tuple[str, ...]]] = {
    "fading": ("tool_loop",), "budget": ("coder", "masking", "summarising", "pinned", "notes"), "rules": ("tool_loop",),
}  # fmt: skip
"""Where nothing may be cleared, the loop that clears nothing."""
TIERS: Final[dict[Study, str]] = {"fading": "L", "budget": "L", "rules": "M"}


class StudyPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As docs/study.md describes it. `tasks`: seeds of each family; `points`, `rolls`: of the replays."""

    models: tuple[ModelEntry, ...]
    format: int = 1
    tier: str = ""
    families: tuple[str, ...] = ("T1", "T6")
    tasks: int = 10
    attempts: int = 2
    seed: int = 0
    parallel: int = 1
    agents: tuple[str, ...] = ()
    dials: dict[str, str | int] = {}
    rolls: int = 4
    points: int = 60
    distances: tuple[str | int, ...] | None = None
    budgets: tuple[int, ...] | None = None
    counts: tuple[int, ...] | None = None
    exposures: tuple[str, ...] | None = None
    as_users_run_it: bool | None = None
    limits: PlanLimits = PlanLimits()
    run_limits: RunLimits = RunLimits()
    allow: Allowed = Allowed()
    sandbox: dict[str, Option] = {}


def load(path: Path, study: Study) -> StudyPlan:
    """Raises PlanError naming file, field, found and expected."""
    try:
        read = tomllib.loads(read_regular(path, MOST_BYTES).decode("utf-8"))
    except OSError as fault:
        raise PlanError(str(path), "", fault.strerror or str(fault), "a readable plan of a study") from fault
    except (ValueError, RecursionError) as fault:  # no TOML, no UTF-8, or a whole number of more digits than Python reads
        raise PlanError(str(path), "", unread(fault), "TOML in UTF-8") from fault
    try:
        plan = msgspec.convert(read, StudyPlan)
    except msgspec.ValidationError as fault:
        raise mistake(str(path), fault, read, keys(study)) from fault
    for field, found, expected in _odd(plan, study):
        raise PlanError(str(path), field, found, expected)
    for leg in legs(study, sizes(plan, study)):
        checked(of_leg(plan, study, leg, ""), str(path))
    return plan


def keys(study: Study) -> tuple[str, ...]:
    """Those of the plan's outermost table that this study has."""
    others = {name for other, names in OWN.items() if other != study for name in names}
    return tuple(name for name in StudyPlan.__struct_fields__ if name not in others)


def _odd(plan: StudyPlan, study: Study) -> Iterator[tuple[str, object, str]]:
    yield from ((name, "a key of another study", f"keys of {study}: {', '.join(OWN[study])}") for other, names in OWN.items() if other != study
                for name in names if getattr(plan, name) is not None)  # fmt: skip
    if plan.format != 1:
        yield "format", plan.format, "1"
    if not plan.models:
        yield "models", "none", "at least one [[models]]"
    yield from ((name, getattr(plan, name), f"1 to {most:,}") for name, most in (("tasks", 100), ("attempts", 100), ("rolls", 64), ("points", 10_000)) if not 1 <= getattr(plan, name) <= most)
    yield from ((name, "none", "at least one") for name in ("families", "distances", "budgets", "counts", "exposures") if getattr(plan, name) == ())
    yield from ((name, "one of them twice", "each once") for name in ("families", "agents", "distances", "budgets", "counts", "exposures")
                if (each := getattr(plan, name)) and len(set(map(str, each))) < len(each))  # fmt: skip
    yield from (("dials." + name, value, "a dial's name, and a value without commas") for name, value in plan.dials.items() if not re.fullmatch(r"\w+", name) or not re.fullmatch(r"[\w.]+", str(value)))
    yield from (("dials." + name, value, "no dial that the study turns itself") for name, value in plan.dials.items() if name in _turned(study))
    yield from _alone(plan, study)


def _alone(plan: StudyPlan, study: Study) -> Iterator[tuple[str, object, str]]:
    """Keys that must have something to compare."""
    if study == "budget" and len(plan.agents or AGENTS[study]) < 2 and len(plan.budgets or BUDGETS) < 2:
        yield "agents", "one, and one budget", "two agents or two budgets to compare"
    if study == "budget" and (bad := next((each for each in plan.budgets or () if each < 1024), None)) is not None:
        yield "budgets", bad, "1024 tokens or more"
    if study != "budget" and len(plan.agents) > 1:
        yield "agents", ", ".join(plan.agents), f"one agent: {study} compares none"
    if plan.as_users_run_it and not any(model.use.startswith(OLLAMA) for model in plan.models):
        yield "as_users_run_it", ", ".join(model.use for model in plan.models), "an ollama/ model: no other server can be asked for both"
    if any(not math.isfinite(value) for value in plan.dials.values() if isinstance(value, float)):
        yield "dials", "a number that is none", "finite numbers"


def _turned(study: Study) -> tuple[str, ...]:
    return {"fading": ("distance", "interludes"), "budget": (), "rules": ("rules", "exposure")}[study] + ("family", "delivery", "count", "seed")


BUDGETS: Final = (16_384, 32_768, 65_536)


def sizes(plan: StudyPlan, study: Study) -> Sizes:
    """With the study's own defaults for what the plan leaves open."""
    users = any(model.use.startswith(OLLAMA) for model in plan.models) if plan.as_users_run_it is None else plan.as_users_run_it
    return Sizes(
        plan.tier or TIERS[study], plan.families, plan.tasks, plan.attempts, plan.seed, plan.agents or AGENTS[study], plan.dials,
        plan.distances or (("4k", "16k") if study == "fading" else ()), plan.budgets or (BUDGETS if study == "budget" else ()),
        plan.counts or ((1, 5, 12) if study == "rules" else ()), plan.exposures or (("first", "file") if study == "rules" else ()),
        users and study == "rules", plan.rolls, plan.points,
    )  # fmt: skip


def of_leg(plan: StudyPlan, study: Study, leg: Leg, name: str) -> Plan:
    """What `longhaul run` is given for one leg."""
    models = tuple(_model(model, leg) for model in plan.models)
    agents = tuple(AgentEntry(each) for each in sizes(plan, study).policies)
    return Plan(
        tuple(leg.words), name=name, seed=plan.seed, attempts=plan.attempts, parallel=plan.parallel, models=models, agents=agents, limits=plan.limits,
        run_limits=plan.run_limits, sandbox=plan.sandbox, allow=plan.allow, forkable=leg.probed,
    )  # fmt: skip


def _model(entry: ModelEntry, leg: Leg) -> ModelEntry:
    window = entry.window if leg.window is None else leg.window
    return msgspec.structs.replace(entry, window=window, as_users_run_it=leg.users and entry.use.startswith(OLLAMA))
