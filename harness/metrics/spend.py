"""Turns, tokens, money and seconds as a fold over the trace: the same function stops a live agent and fills the report."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from harness.core.agent import Stop
from harness.core.chat import Usage
from harness.core.events import (
    Entry,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PatchTaken,
    RequestGiven,
    SlotWaited,
    ToolCalled,
    Trace,
    TrialStarted,
)
from harness.core.facts import Price
from harness.core.lived import PastLived, StepEnded
from harness.core.task import Limits

Number = TypeVar("Number", int, float)


class Spend(msgspec.Struct, frozen=True):
    """Of the latest try; `turns` and what limits count include the `past` it was led through, every other figure is its own. Seconds by who spent them: model, tool, harness, waiting (for a slot or a retry), grading."""

    turns: int = 0
    tool_calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    tokens_thinking: int | None = None
    cost_usd: float | None = None
    model_s: float = 0.0
    prefill_s: float | None = None
    decode_s: float | None = None
    tool_s: float = 0.0
    harness_s: float = 0.0
    waiting_s: float = 0.0
    grading_s: float = 0.0
    last_at: float = 0.0
    doing: str = "harness"
    price: Price | None = None
    past: PastLived | None = None
    opening_s: float = 0.0
    """Of the harness's seconds those before the first request: image, model and machine are no agent's doing."""

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def seconds(self) -> float:
        """All but opening, waiting and grading: what a wall clock on the agent would count."""
        return self.model_s + self.tool_s + self.harness_s - self.opening_s


def spend(spent: Spend, entry: Entry) -> Spend:
    """The running spend after one more entry; a new try begins at zero."""
    event = entry.event
    if isinstance(event, TrialStarted):
        return Spend(last_at=entry.at)
    spent = _clocked(spent, entry)
    match event:
        case PastLived():
            return msgspec.structs.replace(spent, turns=event.turn, past=event, opening_s=spent.harness_s)
        case RequestGiven() if not spent.opening_s and not spent.turns:
            return msgspec.structs.replace(spent, doing="harness", opening_s=spent.harness_s)
        case RequestGiven():
            return msgspec.structs.replace(spent, doing="harness")
        case ModelOpened():
            # A try that goes on opens a model once more: what the first had cost stays.
            told = (spent.cost_usd or 0.0) if event.facts.price else spent.cost_usd
            return msgspec.structs.replace(spent, price=event.facts.price, cost_usd=told)
        case ModelAsked():
            return msgspec.structs.replace(spent, turns=event.turn, doing="model")
        case ModelReplied():
            return _counted(msgspec.structs.replace(spent, doing="harness"), event)
        case ModelFailed():
            return msgspec.structs.replace(spent, doing="waiting" if event.will_retry else "harness")
        case ToolCalled():
            return msgspec.structs.replace(spent, tool_calls=spent.tool_calls + 1, doing="tool")
        case PatchTaken() | StepEnded():
            return msgspec.structs.replace(spent, doing="grading")
        case _:
            return spent if spent.doing == "grading" else msgspec.structs.replace(spent, doing="harness")


def _clocked(spent: Spend, entry: Entry) -> Spend:
    passed = max(0.0, entry.at - spent.last_at)
    doing = "waiting" if isinstance(entry.event, SlotWaited) else spent.doing
    name = f"{doing}_s"
    return msgspec.structs.replace(spent, last_at=entry.at, **{name: getattr(spent, name) + passed})


def _counted(spent: Spend, event: ModelReplied) -> Spend:
    usage = event.usage
    return msgspec.structs.replace(
        spent,
        tokens_in=spent.tokens_in + (usage.input_total or 0),
        tokens_cached=spent.tokens_cached + (usage.cache_read or 0),
        tokens_out=spent.tokens_out + (usage.output_total or 0),
        tokens_thinking=_sum(spent.tokens_thinking, usage.output_thinking),
        prefill_s=_sum(spent.prefill_s, event.timing.prefill),
        decode_s=_sum(spent.decode_s, event.timing.decode),
        cost_usd=None if spent.price is None else (spent.cost_usd or 0.0) + cost(usage, spent.price),
    )


def _sum(before: Number | None, now: Number | None) -> Number | None:
    return before if now is None else now if before is None else before + now


def cost(usage: Usage, price: Price) -> float:
    """USD of one reply: uncached input, cache reads and writes, output, each at its own price per million tokens."""
    read, wrote = usage.cache_read or 0, usage.cache_write or 0
    fresh = max(0, (usage.input_total or 0) - read - wrote)
    sums = fresh * price.input + read * price.cache_read + wrote * price.cache_write + (usage.output_total or 0) * price.output
    return sums / 1e6


def paid(trace: Trace) -> float:
    """USD over all tries: what broke was paid for, too."""
    spent, before = Spend(), 0.0
    for entry in trace:
        if isinstance(entry.event, TrialStarted):
            before += spent.cost_usd or 0.0
        spent = spend(spent, entry)
    return before + (spent.cost_usd or 0.0)


def total(trace: Trace) -> Spend:
    """The fold over a whole trace."""
    spent = Spend()
    for entry in trace:
        spent = spend(spent, entry)
    return spent


BEFORE_ASK = frozenset({Stop.TURNS, Stop.TOKENS, Stop.COST, Stop.TIME})
BEFORE_USE = frozenset({Stop.TOOL_CALLS, Stop.TIME})
"""The calls of the last allowed turn still run: turns, tokens and money bound questions, not their answers."""


def exceeded(spent: Spend, limits: Limits, kinds: frozenset[Stop]) -> tuple[Stop, float, float] | None:
    """The first limit of these kinds reached, with what was spent and the bound; None while there is room for another wish."""
    past = spent.past or PastLived(0, 0, 0, 0.0, 0.0)
    rows: tuple[tuple[Stop, float | None, float | None], ...] = (
        (Stop.TURNS, spent.turns, limits.turns),
        (Stop.TOOL_CALLS, spent.tool_calls + past.tool_calls, limits.tool_calls),
        (Stop.TOKENS, spent.tokens + past.tokens, limits.tokens),
        (Stop.COST, None if spent.cost_usd is None else spent.cost_usd + (past.cost_usd or 0.0), limits.cost_usd),
        (Stop.TIME, spent.seconds + past.seconds, limits.seconds),
        (Stop.TIME, spent.tool_s + past.tool_seconds, limits.tool_seconds),
    )
    for stop, used, bound in rows:
        if stop in kinds and used is not None and bound is not None and used >= bound:
            return stop, float(used), float(bound)
    return None


def time_left(spent: Spend, limits: Limits) -> float | None:
    """Seconds that a tool may still run, by either bound on time; None without one, 0 or less where it is used up."""
    past = spent.past or PastLived(0, 0, 0, 0.0, 0.0)
    pairs = ((limits.tool_seconds, spent.tool_s + past.tool_seconds), (limits.seconds, spent.seconds + past.seconds))
    return min((bound - used for bound, used in pairs if bound is not None), default=None)
