"""Ollama's native chat as bytes: a request to a body, lines of a stream to a reply; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

import msgspec

from agents.models.arguments import as_object, as_raw
from agents.models.cuts import cut_by
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
    ToolSpec,
    Usage,
)  # fmt: skip

NANO = 1e-9


def body(name: str, request: ModelRequest, keep_alive: str, **extra: object) -> dict[str, object]:
    """The whole request; the same switches on every call, because a changed one makes the server load the model again."""
    sent: dict[str, object] = {
        "model": name,
        "messages": [line for message in request.view for line in lines(message)],
        "stream": True,
        "truncate": False,
        "shift": False,
        "keep_alive": keep_alive,
        "options": options(request),
    }
    if request.tools:
        sent["tools"] = [tool(spec) for spec in request.tools]
    if request.thinking:
        sent["think"] = {"on": True, "off": False}.get(request.thinking, request.thinking)
    return sent | extra


def left_to_the_server(sent: dict[str, object], *, refuse: bool = False) -> dict[str, object]:
    """The same body as users send it: without a word on what is too long. `refuse`: but for a refusal of the prompt itself, to count by.

    `shift` stays away then, too: from 0.30 on the engine is started with it, and a changed one starts it anew.
    """
    gone = ("shift",) if refuse else ("truncate", "shift")
    return {name: value for name, value in sent.items() if name not in gone}


def options(request: ModelRequest) -> dict[str, object]:
    """The sampling options, the window and the output limit; a value of None is not sent. `num_predict` 0 would mean no limit."""
    sampling = request.sampling
    values: dict[str, object | None] = {
        "num_ctx": request.window,
        "num_predict": max(1, request.max_output),
        "seed": sampling.seed,
        "temperature": sampling.temperature,
        "top_k": sampling.top_k,
        "top_p": sampling.top_p,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repeat_penalty,
        "presence_penalty": sampling.presence_penalty,
    }
    return {name: value for name, value in values.items() if value is not None}


def tool(spec: ToolSpec) -> dict[str, object]:
    """A tool as this server and the OpenAI-shaped ones want it."""
    function = {"name": spec.name, "description": spec.description, "parameters": spec.schema()}
    return {"type": "function", "function": function}


def lines(message: Message) -> list[dict[str, object]]:
    """A message as the server's messages: one, or one per result for a message of several tool results."""
    contents = [part.content for part in message.parts]
    outputs = [content for content in contents if isinstance(content, ToolOutput)]
    if outputs:
        results: list[dict[str, object]] = [
            {"role": "tool", "content": out.text, "tool_name": out.name, "tool_call_id": out.call_id} for out in outputs
        ]
        return results + ([_plain(message.role, contents)] if _text(contents) else [])
    return [_plain(message.role, contents)]


def _plain(role: Role, contents: list[Content]) -> dict[str, object]:
    said: dict[str, object] = {"role": "user" if role is Role.TOOL else role.value, "content": _text(contents)}
    if thinking := "\n".join(content.text for content in contents if isinstance(content, Thinking) and content.text):
        said["thinking"] = thinking
    if calls := [content for content in contents if isinstance(content, ToolCall)]:
        said["tool_calls"] = [_call(index, call) for index, call in enumerate(calls)]
    return said


def _text(contents: list[Content]) -> str:
    return "\n".join(content.text for content in contents if isinstance(content, Text))


def _call(index: int, call: ToolCall) -> dict[str, object]:
    function = {"index": index, "name": call.name, "arguments": as_object(call.raw_arguments)}
    return {"id": call.id, "function": function}


def encode(sent: Mapping[str, object]) -> bytes:
    """The body's bytes: ASCII, because escapes carry lone surrogates that UTF-8 cannot."""
    return json.dumps(sent).encode("ascii")


class Heard(msgspec.Struct, frozen=True):
    """What a stream has said so far; `last` is the line with `done`, or empty."""

    thinking: str = ""
    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    last: dict[str, object] = {}
    remote: str = ""

    @property
    def done(self) -> bool:
        return self.last.get("done") is True


def hear(heard: Heard, line: Mapping[str, object], stem: str) -> Heard:
    """One more line. Calls without an id get `<stem>_<k>`."""
    said = line.get("message")
    message = said if isinstance(said, dict) else {}
    given = message.get("tool_calls") or []
    calls = tuple(_heard_call(call, f"{stem}_{k}") for k, call in enumerate(given, len(heard.calls) + 1))
    return Heard(
        thinking=heard.thinking + str(message.get("thinking") or ""),
        text=heard.text + str(message.get("content") or ""),
        calls=heard.calls + calls,
        last=dict(line) if line.get("done") is True else heard.last,
        remote=str(line.get("remote_host") or heard.remote),
    )


def _heard_call(given: object, spare: str) -> ToolCall:
    call = given if isinstance(given, dict) else {}
    function = call.get("function") or {}
    return ToolCall(str(call.get("id") or spare), str(function.get("name") or ""), as_raw(function.get("arguments")))


def contents(heard: Heard) -> tuple[Content, ...]:
    """What was heard in the order in which a model writes it; nothing for what it did not say."""
    said: list[Content] = []
    if heard.thinking:
        said.append(Thinking(heard.thinking))
    if heard.text:
        said.append(Text(heard.text))
    return (*said, *heard.calls)


def usage(last: Mapping[str, object]) -> Usage:
    """The server's counts; the prompt's count includes what was cached."""
    return Usage(
        input_total=number(last, "prompt_eval_count"),
        cache_read=number(last, "prompt_eval_cached_count"),
        output_total=number(last, "eval_count"),
    )


def timing(last: Mapping[str, object], wall: float, first: float | None) -> Timing:
    """Seconds; a duration that the server left out is None."""
    load, prefill, decode = (number(last, name) for name in ("load_duration", "prompt_eval_duration", "eval_duration"))
    scaled = tuple(None if nanos is None else nanos * NANO for nanos in (load, prefill, decode))
    return Timing(wall, first, *scaled)


def number(last: Mapping[str, object], name: str) -> int | None:
    """A whole number of the line, or None."""
    value = last.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def stop(heard: Heard, request: ModelRequest) -> ReplyStop:
    """Why the reply ended: `length` is told apart by the counts, `stop` by whether there are calls."""
    if heard.last.get("done_reason") == "length":
        return cut_by(usage(heard.last), request.max_output, request.window)
    return ReplyStop.TOOL if heard.calls else ReplyStop.END
