"""A trial's trace as an ATIF 1.8 trajectory and back: each step carries the entries it is made of, so nothing of the record is lost. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from harness.core.blob import Blob
from harness.core.chat import Role
from harness.core.events import (
    Entry,
    ModelAsked,
    ModelFailed,
    ModelReplied,
    PartAdded,
    RequestGiven,
    ToolCalled,
    ToolReturned,
    Trace,
    TrialStarted,
    ViewEdited,
)
from harness.core.facts import Price
from harness.exchange.atif_step import Get, agent_step, said_step, system_step
from harness.metrics.row import Row

SCHEMA: Final = "ATIF-v1.8"
FORMAT: Final = 1
_ASKING = (ModelFailed, ModelReplied, ToolCalled, ToolReturned)


def trajectory(row: Row, trace: Trace, get: Get) -> dict[str, Any]:
    """The document of a trial with at least one event; `get` gives the bytes of a blob."""
    price = row.environment.model.price if row.environment.model else None
    steps = [_step(number, kind, entries, get, price) for number, (kind, entries) in enumerate(grouped(trace), 1)]
    return {
        "schema_version": SCHEMA, "session_id": row.trial, "trajectory_id": f"{row.environment.harness or 'longhaul'} {row.trial}",
        "agent": _agent(row), "steps": steps, "final_metrics": _final(row, len(steps)),
        "extra": {"longhaul": {"format": FORMAT, "task": row.task, "outcome": row.outcome, "reason": row.reason, "stop": row.stop}},
    }  # fmt: skip


def journal(document: Mapping[str, Any]) -> Trace:
    """The trace that a trajectory of ours was made from. Raises msgspec.ValidationError, KeyError for one of somebody else's."""
    entries = [entry for step in document["steps"] for entry in step["extra"]["longhaul"]["entries"]]
    return msgspec.convert(entries, Trace)


def blobs(document: object) -> Iterator[Blob]:
    """The blobs that a document's entries name; they are files beside it."""
    if isinstance(document, Mapping):
        if document.keys() == set(Blob.__struct_fields__):
            yield msgspec.convert(document, Blob)
        for below in document.values():
            yield from blobs(below)
    elif isinstance(document, list | tuple):
        for below in document:
            yield from blobs(below)


def grouped(trace: Trace) -> Iterator[tuple[str, Trace]]:
    """(kind, entries) of each step: "agent" for a question with its answer and calls, "system" and "user" for words given, "harness" for the rest."""
    kind = ""
    held: list[Entry] = []
    for entry in trace:
        begins = _begins(entry, kind)
        if begins and held:
            yield kind, tuple(held)
            held = []
        kind = begins or kind
        held.append(entry)
    if held:
        yield kind, tuple(held)


def _begins(entry: Entry, now: str) -> str:
    """The kind of step that this entry begins, "" where it belongs to the one before."""
    event = entry.event
    match event:
        case PartAdded(role=Role.SYSTEM):
            return "system"
        case PartAdded(role=Role.USER):
            return "user"
        case PartAdded():
            return "" if now == "agent" else "agent"
        case ModelAsked():
            return "agent"
        case ViewEdited() | TrialStarted():
            return "harness"
        case RequestGiven():
            return ""
        case _ if isinstance(event, _ASKING):
            return "" if now == "agent" else "agent"
        case _:
            return "" if now in ("harness", "agent") else "harness"


def _step(number: int, kind: str, entries: Trace, get: Get, price: Price | None) -> dict[str, Any]:
    made = agent_step(entries, get, price) if kind == "agent" else said_step(kind, entries, get) if kind in ("system", "user") else system_step(entries, get)
    extra = {**made.pop("extra", {}), "longhaul": {"entries": msgspec.to_builtins(entries)}}
    return {"step_id": number, **made, "extra": extra}


def _agent(row: Row) -> dict[str, Any]:
    told = {"prompts": row.digests.prompt, "tools": row.digests.tools, "window": msgspec.to_builtins(row.window), "thinking": row.thinking}
    name = {} if row.model == "none" else {"model_name": row.model}
    return {"name": row.agent, "version": row.environment.harness or "unknown", **name, "extra": told}


def _final(row: Row, steps: int) -> dict[str, Any]:
    cost = {} if row.cost_usd is None else {"total_cost_usd": row.cost_usd}
    return {
        "total_prompt_tokens": row.tokens.input, "total_completion_tokens": row.tokens.out, "total_cached_tokens": row.tokens.cached, **cost,
        "total_steps": steps,
    }  # fmt: skip
