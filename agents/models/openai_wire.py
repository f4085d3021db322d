"""Chat completions: a request to the package's arguments in the dialect of a server, chunks to a reply; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from agents.models.arguments import as_raw, scalar
from agents.models.cuts import cut_by
from agents.models.ollama_wire import tool
from harness.core.chat import (
    Content,
    Message,
    ModelRequest,
    ReplyStop,
    Role,
    Text,
    Thinking,
    Timing,
    ToolCall,
    ToolOutput,
    Usage,
)

MILLI = 1e-3


EXTRAS = ("top_k", "min_p", "repeat_penalty")
"""Sampling values beyond the vendor's own API: sent only in dialects with extras."""


class Dialect(msgspec.Struct, frozen=True):
    """What servers call things. `reasoning` is the field that earlier thinking goes back in; "" sends none."""

    limit: str = "max_tokens"
    reasoning: str = "reasoning_content"
    repeat: str = "repeat_penalty"
    extras: bool = True
    template_switch: bool = False


DIALECTS = {
    "llama.cpp": Dialect(template_switch=True),
    "vllm": Dialect(reasoning="reasoning", repeat="repetition_penalty", template_switch=True),
    "sglang": Dialect(repeat="repetition_penalty", template_switch=True),
    "lmstudio": Dialect(),
    "ollama": Dialect(reasoning="reasoning", extras=False),
    "openai": Dialect(limit="max_completion_tokens", reasoning="", extras=False),
    "unknown": Dialect(extras=False),
}


def arguments(name: str, request: ModelRequest, limit: int, dialect: Dialect) -> dict[str, Any]:
    """All arguments of `chat.completions.create` but the timeout."""
    sampling = request.sampling
    plain = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
        dialect.limit: limit,
    }
    sent: dict[str, Any] = {
        "model": name,
        "messages": messages(request, dialect),
        "stream": True,
        "stream_options": {"include_usage": True},
        **{key: value for key, value in plain.items() if value is not None},
    }
    if request.tools:
        sent["tools"] = [tool(spec) for spec in request.tools]
    if request.thinking not in {"", "on", "off"}:
        sent["reasoning_effort"] = request.thinking
    if extra := _extras(request, dialect):
        sent["extra_body"] = extra
    return sent


def _extras(request: ModelRequest, dialect: Dialect) -> dict[str, Any]:
    sampling = request.sampling
    values = {"top_k": sampling.top_k, "min_p": sampling.min_p, dialect.repeat: sampling.repeat_penalty}
    extra: dict[str, Any] = {key: value for key, value in values.items() if value is not None} if dialect.extras else {}
    if dialect.template_switch and request.thinking in {"on", "off"}:
        extra["chat_template_kwargs"] = {"enable_thinking": request.thinking == "on"}
    return extra


def messages(request: ModelRequest, dialect: Dialect) -> list[dict[str, Any]]:
    """The view; a message of several tool results becomes one message each."""
    return [line for message in request.view for line in _lines(message, dialect)]


def _lines(message: Message, dialect: Dialect) -> list[dict[str, Any]]:
    contents = [part.content for part in message.parts]
    results: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": content.call_id, "content": scalar(content.text)}
        for content in contents
        if isinstance(content, ToolOutput)
    ]
    text = "\n".join(scalar(content.text) for content in contents if isinstance(content, Text))
    if message.role is Role.TOOL:
        return results + ([{"role": "user", "content": text}] if text else [])
    said: dict[str, Any] = {"role": message.role.value, "content": text}
    if message.role is Role.ASSISTANT:
        said |= _assistant(contents, text, dialect)
    return [said]


def _assistant(contents: list[Content], text: str, dialect: Dialect) -> dict[str, Any]:
    said: dict[str, Any] = {}
    thinking = "\n".join(scalar(content.text) for content in contents if isinstance(content, Thinking) and content.text)
    if thinking and dialect.reasoning:
        said[dialect.reasoning] = thinking
    calls = [content for content in contents if isinstance(content, ToolCall)]
    if calls:
        said["content"] = text or None
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": scalar(call.raw_arguments)}}
            for call in calls
        ]
    return said


class Heard(msgspec.Struct, frozen=True):
    """What a stream has said so far; `calls` as (index, call), arguments as the text received."""

    thinking: str = ""
    text: str = ""
    calls: tuple[tuple[int, ToolCall], ...] = ()
    reason: str = ""
    usage: Mapping[str, Any] = {}
    timings: Mapping[str, Any] = {}
    model: str = ""


def hear(heard: Heard, chunk: Mapping[str, Any], stem: str) -> Heard:
    """One more chunk. Calls without an id get `<stem>_<k>`."""
    choices = chunk.get("choices") or [{}]
    delta, reason = choices[0].get("delta") or {}, choices[0].get("finish_reason")
    calls = heard.calls
    for piece in delta.get("tool_calls") or []:
        calls = _called(calls, piece, stem)
    return Heard(
        thinking=heard.thinking + str(delta.get("reasoning_content") or delta.get("reasoning") or ""),
        text=heard.text + str(delta.get("content") or delta.get("refusal") or ""),
        calls=calls,
        reason=str(reason or heard.reason),
        usage=chunk.get("usage") or heard.usage,
        timings=chunk.get("timings") or heard.timings,
        model=str(chunk.get("model") or heard.model),
    )


def _called(calls: tuple[tuple[int, ToolCall], ...], piece: Mapping[str, Any], stem: str) -> tuple[tuple[int, ToolCall], ...]:
    """A piece goes on with the last call of its index, unless it brings another id: some servers number every call 0."""
    function, index = piece.get("function") or {}, int(piece.get("index") or 0)
    name, text, ident = str(function.get("name") or ""), function.get("arguments"), str(piece.get("id") or "")
    raw = "" if text is None else as_raw(text)
    at = next((k for k in range(len(calls) - 1, -1, -1) if calls[k][0] == index), None)
    if at is None or (ident and name and ident != calls[at][1].id):
        return (*calls, (index, ToolCall(ident or f"{stem}_{len(calls) + 1}", name, raw)))
    before = calls[at][1]
    grown = ToolCall(before.id, before.name or name, before.raw_arguments + raw)
    return (*calls[:at], (index, grown), *calls[at + 1 :])


def contents(heard: Heard) -> tuple[Content, ...]:
    """What was heard in the order in which a model writes it; a call without any arguments has the empty object."""
    said: list[Content] = []
    if heard.thinking:
        said.append(Thinking(heard.thinking))
    if heard.text:
        said.append(Text(heard.text))
    calls = (ToolCall(call.id, call.name, call.raw_arguments or "{}") for _, call in heard.calls)
    return (*said, *calls)


def usage(heard: Heard) -> Usage:
    """The server's counts; the prompt's includes what was cached."""
    counts = heard.usage
    prompt, written = (counts.get(f"{part}_tokens_details") or {} for part in ("prompt", "completion"))
    cached = prompt.get("cached_tokens")
    return Usage(
        input_total=counts.get("prompt_tokens"),
        cache_read=heard.timings.get("cache_n") if cached is None else cached,
        cache_write=prompt.get("cache_write_tokens"),
        output_total=counts.get("completion_tokens"),
        output_thinking=written.get("reasoning_tokens"),
    )


def timing(heard: Heard, wall: float, first: float | None) -> Timing:
    """Seconds; only llama.cpp tells its own."""
    prefill, decode = (heard.timings.get(name) for name in ("prompt_ms", "predicted_ms"))
    told = (None if value is None else value * MILLI for value in (prefill, decode))
    return Timing(wall, first, None, *told)


def stop(heard: Heard, request: ModelRequest, limit: int) -> ReplyStop:
    """Why it ended; `limit` is the output limit sent, smaller than the one asked for where the window left less."""
    match heard.reason:
        case "length":
            counts = usage(heard)
            if limit < request.max_output and (counts.output_total or 0) >= limit:
                return ReplyStop.WINDOW_FULL
            return cut_by(counts, request.max_output, request.window)
        case "content_filter":
            return ReplyStop.REFUSAL
    return ReplyStop.TOOL if heard.calls else ReplyStop.END
