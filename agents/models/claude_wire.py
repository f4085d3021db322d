"""Claude's messages: a request to the package's arguments, stream events to a reply; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from agents.models.arguments import as_object, scalar
from harness.core.chat import (
    Content,
    Message,
    ModelRequest,
    Part,
    ReplyStop,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolOutput,
    ToolSpec,
    Usage,
)

Block = dict[str, Any]
STOPS = {
    "end_turn": ReplyStop.END,
    "tool_use": ReplyStop.TOOL,
    "max_tokens": ReplyStop.MAX_OUTPUT,
    "model_context_window_exceeded": ReplyStop.WINDOW_FULL,
    "stop_sequence": ReplyStop.STOP_SEQUENCE,
    "refusal": ReplyStop.REFUSAL,
    "pause_turn": ReplyStop.PAUSED,
}
MARK = {"type": "ephemeral", "ttl": "5m"}
"""Turns follow each other faster than five minutes; an hour costs more to write."""
NOTHING = "(no words)"
"""Stands for an empty message, which the API refuses."""


def arguments(name: str, request: ModelRequest) -> dict[str, Any]:
    """The prompt's share of the arguments; cache marks at the end of tools, system and the last two user messages."""
    system = [_text_block(part.content.text) for message in request.view if message.role is Role.SYSTEM for part in message.parts]
    turns = _turns(request.view)
    marked = [turn for turn in turns if turn["role"] == "user"][-2:]
    for blocks in (system, *(turn["content"] for turn in marked)):
        if blocks:
            blocks[-1]["cache_control"] = MARK
    sent: dict[str, Any] = {"model": name, "messages": turns}
    if system:
        sent["system"] = system
    if request.tools:
        sent["tools"] = [_tool(spec) for spec in request.tools]
        sent["tools"][-1]["cache_control"] = MARK
    return sent


def _turns(view: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Messages of one side run together: all results of a turn, and what a user says after them, are one user message."""
    turns: list[dict[str, Any]] = []
    for message in view:
        if message.role is Role.SYSTEM:
            continue
        role = "assistant" if message.role is Role.ASSISTANT else "user"
        blocks = [block for part in message.parts if (block := _block(part)) is not None]
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    for turn in turns:
        turn["content"] = turn["content"] or [_text_block(NOTHING)]
    return turns


def _block(part: Part) -> Block | None:
    """None for what the API takes no block for: empty text, and thinking that is not its own."""
    match part.content:
        case Text(text):
            return _text_block(text) if text.strip() else None
        case Thinking(_, opaque):
            return _own_thinking(opaque)
        case ToolCall(ident, name, raw):
            return {"type": "tool_use", "id": ident, "name": name, "input": as_object(raw)}
        case ToolOutput(call_id, _, text, ok):
            said = [_text_block(text)] if text.strip() else []
            return {"type": "tool_result", "tool_use_id": call_id, "content": said, "is_error": not ok}


def _own_thinking(opaque: str) -> Block | None:
    try:
        block = json.loads(opaque) if opaque else None
    except (ValueError, RecursionError):
        return None
    return block if isinstance(block, dict) and block.get("type") in {"thinking", "redacted_thinking"} else None


def _text_block(text: str) -> Block:
    return {"type": "text", "text": scalar(text)}


def _tool(spec: ToolSpec) -> Block:
    return {"name": spec.name, "description": spec.description, "input_schema": spec.schema()}


class Heard(msgspec.Struct, frozen=True):
    """What a stream has said so far: blocks with the partial JSON of their input, the counts, the reason, whether it is over."""

    blocks: tuple[tuple[Block, str], ...] = ()
    usage: Mapping[str, Any] = {}
    reason: str = ""
    detail: str = ""
    over: bool = False


def hear(heard: Heard, event: Mapping[str, Any]) -> Heard:
    """One more event."""
    match event.get("type"):
        case "message_start":
            return msgspec.structs.replace(heard, usage=_known(event["message"].get("usage")))
        case "content_block_start":
            return msgspec.structs.replace(heard, blocks=(*heard.blocks, (dict(event["content_block"]), "")))
        case "content_block_delta":
            *before, (block, partial) = heard.blocks
            return msgspec.structs.replace(heard, blocks=(*before, _grown(block, partial, event["delta"])))
        case "message_delta":
            delta, counts = event["delta"], {**heard.usage, **_known(event.get("usage"))}
            reason, detail = delta.get("stop_reason") or heard.reason, _detail(delta.get("stop_details"))
            return msgspec.structs.replace(heard, usage=counts, reason=str(reason), detail=detail or heard.detail)
        case "message_stop":
            return msgspec.structs.replace(heard, over=True)
    return heard


def _grown(block: Block, partial: str, delta: Mapping[str, Any]) -> tuple[Block, str]:
    match delta.get("type"):
        case "text_delta":
            return {**block, "text": block.get("text", "") + delta["text"]}, partial
        case "thinking_delta":
            return {**block, "thinking": block.get("thinking", "") + delta["thinking"]}, partial
        case "signature_delta":
            return {**block, "signature": block.get("signature", "") + delta["signature"]}, partial
        case "input_json_delta":
            return block, partial + delta["partial_json"]
    return block, partial


def _known(counts: object) -> dict[str, Any]:
    return {key: value for key, value in counts.items() if value is not None} if isinstance(counts, Mapping) else {}


def _detail(details: object) -> str:
    if not isinstance(details, Mapping):
        return ""
    return ": ".join(str(details[key]) for key in ("category", "explanation") if details.get(key))


def contents(heard: Heard) -> tuple[Content, ...]:
    """The blocks in their order; thinking keeps its own JSON, because the API wants it back unchanged."""
    return tuple(content for block, partial in heard.blocks if (content := _content(block, partial)) is not None)


def _content(block: Block, partial: str) -> Content | None:
    match block.get("type"):
        case "text":
            return Text(block["text"]) if block.get("text") else None
        case "thinking":
            return Thinking(str(block.get("thinking", "")), _opaque(block))
        case "redacted_thinking":
            return Thinking("", _opaque(block))
        case "tool_use":
            raw = partial or json.dumps(block.get("input") or {}, ensure_ascii=False)
            return ToolCall(str(block.get("id")), str(block.get("name")), raw)
    return None


def _opaque(block: Block) -> str:
    rest = {key: value for key, value in block.items() if key != "type"}
    return json.dumps({"type": block["type"], **rest}, ensure_ascii=False)


def usage(heard: Heard) -> Usage:
    """The prompt is the sum of what was read fresh, read from the cache and written to it."""
    counts = heard.usage
    fresh, read, written = (counts.get(f"{name}input_tokens") for name in ("", "cache_read_", "cache_creation_"))
    details = counts.get("output_tokens_details")
    return Usage(
        input_total=None if fresh is None else fresh + (read or 0) + (written or 0),
        cache_read=read,
        cache_write=written,
        output_total=counts.get("output_tokens"),
        output_thinking=details.get("thinking_tokens") if isinstance(details, Mapping) else None,
    )


def stop(heard: Heard, *, window_cut: bool) -> ReplyStop:
    """Why it ended; `window_cut` says that the output limit sent was what our own window left."""
    ended = STOPS.get(heard.reason, ReplyStop.END)
    return ReplyStop.WINDOW_FULL if ended is ReplyStop.MAX_OUTPUT and window_cut else ended
