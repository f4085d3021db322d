"""One step of a trajectory from the entries that belong to it, by the rules of ATIF 1.8. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from harness.core.blob import Blob
from harness.core.chat import Role, Text, Thinking, ToolCall, ToolOutput
from harness.core.events import (
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    ToolCalled,
    ToolReturned,
    Trace,
    ViewEdited,
)
from harness.core.facts import Price
from harness.core.parts import plain, whole
from harness.metrics.spend import cost
from harness.metrics.tries import of
from harness.report.story import told

Get: TypeAlias = Callable[[Blob], bytes]
Json: TypeAlias = dict[str, Any]
DEPTH = 64
"""Arguments nested deeper are given as text: other readers of such files stop at about a hundred levels."""


def said_step(source: str, entries: Trace, get: Get) -> Json:
    """Words given to the model: its system text, a request, a notice of the harness."""
    parts = of(entries, PartAdded)
    words = "\n".join(plain(content.text) for part in parts if isinstance(content := whole(part, get), (Text, Thinking, ToolOutput)))
    return {"source": source, "message": words, "extra": {"origin": parts[0].origin.value, "message_id": parts[0].id.rpartition(".")[0]}}


def system_step(entries: Trace, get: Get) -> Json:
    """What the harness did, as sentences; a change of what the model sees follows the convention for context management."""
    lines = [plain(told(entry.event, get)[0]) for entry in entries]
    edits = [_edit(event) for event in of(entries, ViewEdited)]
    return {"source": "system", "message": "\n".join(lines), "extra": {"context_management": edits[0]} if edits else {}}


def _edit(event: ViewEdited) -> Json:
    return {"type": "compaction", "boundary": "edit", "policy": event.policy, "dropped": list(event.dropped), "reason": plain(event.reason)}


def agent_step(entries: Trace, get: Get, price: Price | None) -> Json:
    """A question with its reply, the calls it made and what came back; without a question (agents that ask nobody) the calls alone."""
    contents = [whole(part, get) for part in of(entries, PartAdded) if part.role is Role.ASSISTANT]
    outputs = [content for part in of(entries, PartAdded) if part.role is Role.TOOL and isinstance(content := whole(part, get), ToolOutput)]
    calls = [content for content in contents if isinstance(content, ToolCall)] or [
        ToolCall(called.id, called.name, called.raw_arguments) for called in of(entries, ToolCalled)
    ]
    made: Json = {"source": "agent", "message": "\n".join(plain(each.text) for each in contents if isinstance(each, Text))}
    thoughts = "\n".join(plain(each.text) for each in contents if isinstance(each, Thinking))
    replies = of(entries, ModelReplied)
    made["llm_call_count"] = len(replies) + len(of(entries, ModelFailed))
    if replies:
        made |= {"metrics": _metrics(replies[-1], price), **({"reasoning_content": thoughts} if thoughts else {})}
    if opened := of(entries, ModelOpened):
        made["model_name"] = f"{opened[-1].facts.kind}/{opened[-1].facts.name}"
    if calls:
        made["tool_calls"] = [_call(call) for call in calls]
    if results := _results(outputs, {call.id for call in calls}, of(entries, ToolReturned)):
        made["observation"] = {"results": results}
    return {**made, "extra": _asked(entries)}


def _asked(entries: Trace) -> Json:
    asked = of(entries, ModelAsked)
    failed = [{"fault": event.fault.value, "blame": event.blame.value, "text": plain(event.text)} for event in of(entries, ModelFailed)]
    told_of = {"turn": asked[-1].turn, "sampling": msgspec.to_builtins(asked[-1].sampling), "num_ctx": asked[-1].window} if asked else {}
    return {**told_of, **({"attempts": failed} if failed else {})}


def _metrics(event: ModelReplied, price: Price | None) -> Json:
    usage, timing = event.usage, event.timing
    counts = {"prompt_tokens": usage.input_total, "completion_tokens": usage.output_total, "cached_tokens": usage.cache_read}
    paid = {} if price is None else {"cost_usd": cost(usage, price)}
    extra = {"finish_reason": event.raw_stop, "seconds": timing.wall, "first_token_s": timing.first_token, "prefill_s": timing.prefill, "decode_s": timing.decode}
    return {name: figure for name, figure in (counts | paid).items() if figure is not None} | {"extra": extra}


def _call(call: ToolCall) -> Json:
    arguments, extra = _arguments(call.raw_arguments)
    return {"tool_call_id": plain(call.id), "function_name": plain(call.name), "arguments": arguments, **({"extra": extra} if extra else {})}


def _arguments(raw: str) -> tuple[Json, Json]:
    """The object that the text holds, else {} with the text beside it: a number out of range or a deep nest is no object either."""
    try:
        found = json.loads(raw, parse_constant=_refused)
        if isinstance(found, dict) and _depth(found) <= DEPTH and plain(dumped := json.dumps(found, ensure_ascii=False, allow_nan=False)) == dumped:
            return found, {}
    except (ValueError, RecursionError):
        pass
    return {}, {"raw_arguments": plain(raw)}


def _refused(constant: str) -> object:
    raise ValueError(constant)


def _depth(value: object) -> int:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, below), default=0)


def _results(outputs: list[ToolOutput], calls: set[str], returned: tuple[ToolReturned, ...]) -> list[Json]:
    """What the model was shown of each call; where nobody was shown anything, how the call ended."""
    by_id = {event.id: event for event in returned}
    shown = [_result(output.call_id, plain(output.text), by_id.get(output.call_id), calls) for output in outputs]
    seen = {output.call_id for output in outputs}
    return shown + [_result(event.id, "", event, calls) for event in returned if event.id not in seen]


def _result(call: str, text: str, event: ToolReturned | None, calls: set[str]) -> Json:
    source = {"source_call_id": plain(call)} if call in calls else {}
    extra = {} if event is None else _ended(event)
    return {**source, "content": text, **({"extra": extra} if extra else {})}


def _ended(event: ToolReturned) -> Json:
    return {
        "call_id": plain(event.id), "ok": event.ok, "exit_code": event.exit_code, "ended": event.ended and event.ended.value,
        "seconds": event.seconds, "bytes": event.total, "bytes_shown": event.shown, "problem": event.problem,
    }  # fmt: skip
