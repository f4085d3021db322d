"""The plan: what to run, from TOML or the command line, and the trial keys it means, the same for ever."""

from __future__ import annotations

import difflib
import hashlib
import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from harness.core.errors import PlanError, unread
from harness.core.task import Limits
from harness.core.trial import COUNTED, TrialKey

Option = str | int | float | bool
NO_MODEL = "none"
OLLAMA = "ollama/"
FRESH = "fresh seeds"
"""The variant of attempts whose seeds were drawn when the run began: the control for seeds that are the same every night."""


class ModelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`use` is KIND/NAME; sampling values only where the user asks for them."""

    use: str
    window: int | None = None
    thinking: str = ""
    concurrency: int | None = None
    """Requests at a time; None: as many as the server says, one for a local model."""
    max_output: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    cutoff: str = ""
    """The date up to which the model may have read, as its makers state it: "YYYY-MM" or a day."""
    as_users_run_it: bool = False
    """Each of its trials a second time with what the server does by default to what is too long: a variant of its own."""
    options: dict[str, Option] = {}


class AgentEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    use: str
    options: dict[str, Option] = {}


TURNS = 150
"""Of a trial where the plan says nothing else; a task of many requests brings a larger number of its own."""


class PlanLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Per trial; what is not given keeps its default."""

    turns: int = TURNS
    tool_calls: int | None = None
    tokens: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    tool_seconds: float | None = None
    command_seconds: int = 120
    longest_command_seconds: int = 600
    tell: bool = False


class RunLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the whole run. `cost_usd` holds for priced models."""

    cost_usd: float = 10.0
    hours: float | None = None


class Grading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    timeout_s: float | None = None


class Allowed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the user let happen by naming it."""

    offload: bool = False
    remote: bool = False
    build: bool = True
    root: bool = False
    """Tasks whose commands run as uid 0."""
    shared: bool = False
    """Tasks whose solutions pass only when graded in the agent's own container, where a reward can be forged."""
    unvalidated: bool = False
    """Tasks whose health was not proved, or was found wanting."""
    harbor: bool = False
    """As Harbor does: a missing network_mode is public, root and the shared container are allowed."""
    official_clock: bool = False
    """A task's wall clock bounds the whole of the agent's work, not its tools' time alone."""


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`tasks` are sources, each with an optional #glob over task ids."""

    tasks: tuple[str, ...]
    format: int = 1
    name: str = ""
    seed: int = 0
    attempts: int = 3
    parallel: int = 1
    tries: int = 2
    fresh: int = 0
    """Further attempts per task with seeds drawn when the run begins, as a variant of their own."""
    fresh_seed: int | None = None
    """What those seeds come from; None: drawn when the run begins, and kept with it."""
    counted: int = 0
    """Of the first so many tasks a further trial with each Ollama model, in which one turn in twenty is counted independently; in no rate."""
    margin: float = 0.10
    """The difference of two pass rates, 0..1, that matters to the user: what an estimate holds the plan against."""
    models: tuple[ModelEntry, ...] = ()
    agents: tuple[AgentEntry, ...] = (AgentEntry("coder"),)
    limits: PlanLimits = PlanLimits()
    run_limits: RunLimits = RunLimits()
    grading: Grading = Grading()
    sandbox: dict[str, Option] = {}
    source: dict[str, Option] = {}
    """Options of the sources that take them, such as a test command for rows that name none."""
    steps: Literal["conversation", "fresh"] = "conversation"
    """How the graded steps of a task are asked for: one after the other of one conversation, or each of a new one, as Harbor does."""
    allow: Allowed = Allowed()
    forkable: bool = False
    """Keep the machine after each turn that leaves something changed outside the workspace, for forks."""


TABLES = (Plan, ModelEntry, AgentEntry, PlanLimits, RunLimits, Grading, Allowed)


class Combination(msgspec.Struct, frozen=True):
    """An agent with the model it asks; `model` is NO_MODEL for an agent that asks none. `variant`: the arm that the model is asked in."""

    agent: str
    model: str
    variant: str = ""

    @property
    def countable(self) -> bool:
        """Whether its server is one that may cut, and can be asked for an independent count without cost."""
        return self.model.startswith(OLLAMA) and not self.variant


def load(path: Path) -> Plan:
    """Read a plan file. Raises PlanError naming file, field, found and expected."""
    try:
        plan = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Plan)
    except OSError as fault:
        raise PlanError(str(path), "", fault.strerror or str(fault), "a readable plan file") from fault
    except msgspec.ValidationError as fault:
        raise _complaint(str(path), str(fault)) from fault
    except (ValueError, RecursionError) as fault:  # ValueError: no TOML, no UTF-8, or a whole number of more digits than Python reads
        raise PlanError(str(path), "", unread(fault), "TOML in UTF-8") from fault
    checked(plan, str(path))
    return plan


def _complaint(path: str, text: str) -> PlanError:
    """Msgspec's sentence, in our four words."""
    what, _, place = text.partition(" - at ")
    field = place.strip("`").removeprefix("$").removeprefix(".")
    unknown = re.search(r"unknown field `(.*)`", what)
    if unknown:
        field = ".".join(word for word in (field, unknown[1]) if word)
        known = sorted({name for table in TABLES for name in table.__struct_fields__})
        near = difflib.get_close_matches(unknown[1], known, 1)
        return PlanError(path, field, "an unknown key", f"{f'{near[0]!r}, perhaps, or another' if near else 'one'} of the keys in docs/plan.md")
    wanted = re.fullmatch(r"Expected `(.*)`, got `(.*)`", what)
    return PlanError(path, field, wanted[2], wanted[1]) if wanted else PlanError(path, field, what, "a value of the right kind")


def checked(plan: Plan, place: str) -> None:
    """Raises PlanError for values no run can have."""
    rules: Iterable[tuple[bool, str, object, str]] = (
        (plan.format == 1, "format", plan.format, "1"),
        *((1 <= getattr(plan, name) <= most, name, getattr(plan, name), f"1 to {most:,}") for name, most in MOST),
        (bool(plan.tasks), "tasks", "none", "at least one source"),
        (bool(plan.agents), "agents", "none", "at least one agent"),
        (plan.limits.turns >= 1, "limits.turns", plan.limits.turns, "1 or more"),
        (0 <= plan.fresh <= 1000, "fresh", plan.fresh, "0 to 1,000"),
        (0 <= plan.counted <= 1000, "counted", plan.counted, "0 to 1,000"),
        (0 < plan.margin < 1, "margin", plan.margin, "a rate between 0 and 1"),
        (plan.run_limits.cost_usd >= 0, "run_limits.cost_usd", plan.run_limits.cost_usd, "0 or more"),
        (_above(plan.run_limits.hours), "run_limits.hours", plan.run_limits.hours, "a number above 0"),
        (_above(plan.grading.timeout_s), "grading.timeout_s", plan.grading.timeout_s, "a number of seconds above 0"),
        (plan.limits.command_seconds >= 1, "limits.command_seconds", plan.limits.command_seconds, "1 or more"),
        *((_above(getattr(plan.limits, name)), f"limits.{name}", getattr(plan.limits, name), "a number above 0") for name in BOUNDS),
        *((m.use.startswith(OLLAMA) or not m.as_users_run_it, "models.as_users_run_it", m.use, ARM_EXPECTED) for m in plan.models),
        *((m.concurrency is None or m.concurrency >= 1, "models.concurrency", m.concurrency, "1 or more") for m in plan.models),
        *((_above(m.max_output), "models.max_output", m.max_output, "1 or more") for m in plan.models),
        *((bool(re.fullmatch(r"[^/\s]+/\S+", m.use)), "models.use", repr(m.use), "KIND/NAME, such as ollama/qwen3:8b") for m in plan.models),
        *((not m.cutoff or bool(re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", m.cutoff)), "models.cutoff", repr(m.cutoff), "YYYY-MM or YYYY-MM-DD") for m in plan.models),
        *((m.window is None or m.window >= 1024, "models.window", m.window, "1024 tokens or more") for m in plan.models),
    )
    for holds, field, found, expected in rules:
        if not holds:
            raise PlanError(place, field, found, expected)
    for field, odd in _unstorable(msgspec.to_builtins(plan)):
        raise PlanError(place, field, odd, "a finite number" if isinstance(odd, float) else "a text in UTF-8")
    for field, names in (("models.use", [m.use for m in plan.models]), ("agents.use", [a.use for a in plan.agents])):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PlanError(place, field, f"{twice[0]} twice", "each name once")


ARM_EXPECTED = "an ollama/ model: no other server can be asked both to refuse what is too long and to do as it does by default"
MOST = (("attempts", 10_000), ("parallel", 1_000), ("tries", 100))
"""More is a slip of the finger, and would fill the memory with trials before the first one ran."""
BOUNDS = ("tool_calls", "tokens", "cost_usd", "seconds", "tool_seconds")


def _above(figure: float | None) -> bool:
    """None is no bound at all; a NaN, which TOML can say, would be one that nothing ever reaches."""
    return figure is None or figure > 0


def _unstorable(value: object, place: str = "") -> Iterator[tuple[str, float | str]]:
    """What JSON can't say and TOML or a command line can: written down with the run, it would come back as another plan or as none."""
    rows = value.items() if isinstance(value, dict) else [("", each) for each in value] if isinstance(value, (list, tuple)) else ()
    for name, below in rows:
        yield from _unstorable(below, ".".join(word for word in (place, str(name)) if word))
    if isinstance(value, float) and not math.isfinite(value):
        yield place, value
    if isinstance(value, str) and not storable(value):
        yield place, repr(value)


def storable(text: str) -> bool:
    """Whether a text can stand in a record; a word of the command line that is not UTF-8 can't."""
    return text == text.encode("utf-8", "replace").decode("utf-8")


def keys(
    run: str, attempts: int, tasks: tuple[str, ...], combinations: tuple[Combination, ...], fresh: int = 0, counted: int = 0
) -> tuple[TrialKey, ...]:
    """Every trial of the plan, attempt by attempt, so that a run stopped early is balanced over tasks and combinations.

    `fresh`: so many further attempts of combinations that ask a model, under the variant FRESH, each right after its like.
    `counted`: a further trial of the first so many tasks with each combination whose server may cut, under the variant COUNTED.
    """

    def planned(variant: str, attempt: int, index: int, pair: Combination) -> bool:
        if variant == COUNTED:
            return attempt == 1 and index < counted and pair.countable
        if variant == FRESH:
            return attempt <= fresh and pair.model != NO_MODEL and not pair.variant
        return attempt <= attempts

    return tuple(
        TrialKey(run, task, pair.agent, pair.model, variant or pair.variant, attempt)
        for attempt in range(1, max(attempts, fresh) + 1)
        for variant in ("", FRESH, COUNTED)
        for index, task in enumerate(tasks)
        for pair in combinations
        if planned(variant, attempt, index, pair)
    )


def seed_base(plan: Plan, variant: str) -> int:
    """What a trial's sampling seed is made from: both arms of a pair have the same."""
    return plan.fresh_seed or 0 if variant == FRESH else plan.seed


def seed_of(plan_seed: int, task: str, attempt: int) -> int:
    """The sampling seed of a trial: the same across models and agents. 31 bits, because some servers take no more."""
    text = f"{plan_seed}\0{task}\0{attempt}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1


def limits_of(plan: Plan, task: Limits, left_usd: float | None) -> Limits:
    """The plan's limits, with the task's own where it is stricter, and what is left of the run's money. The task's turns hold where they are
    more than the plan's and the plan's are the default: twenty requests can't be met in the turns of one.
    """
    own = plan.limits
    turns = max(own.turns, task.turns or 0) if own.turns == TURNS else own.turns

    def least(*figures: float | None) -> float | None:
        return min((figure for figure in figures if figure is not None), default=None)

    return Limits(
        turns, own.tool_calls, own.tokens, least(own.cost_usd, task.cost_usd, left_usd), least(own.seconds, task.seconds),
        least(own.tool_seconds, task.tool_seconds), task.official_seconds, own.command_seconds, own.longest_command_seconds, own.tell,
    )  # fmt: skip
