"""Calls that leaked into prose: found and counted always, made into calls only when the user named that option; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import msgspec

from harness.core.chat import Content, Text, ToolCall
from harness.core.errors import Blame

TAGGED = re.compile(r"<(tool_call|function_call|tools?)>\s*(?P<body>\{.*?\})\s*(?:</\1>|\Z)", re.DOTALL)
XML = re.compile(
    r"<function=(?P<name>[\w.-]+)>(?P<body>.*?)(?:</function>|\Z)|<invoke name=\"(?P<other>[\w.-]+)\">(?P<rest>.*?)</invoke>",
    re.DOTALL,
)
PARAMETER = re.compile(r"<parameter(?:=| name=\")(?P<name>[\w.-]+)\"?>\n?(?P<value>.*?)\n?</parameter>", re.DOTALL)
MARKED = re.compile(r"\[TOOL_CALLS\]\s*\[?\s*(?P<body>\{.*\})", re.DOTALL)
FENCED = re.compile(r"```(?:json|tool_call)?\s*\n(?P<body>\{.*?\})\s*\n```", re.DOTALL)
OPENING = re.compile(r"<tool_call>|<function=|<invoke name=|\[TOOL_CALLS\]")
BARE = re.compile(r"\A\s*(?P<body>\{.*\})\s*\Z", re.DOTALL)


class Leak(msgspec.Struct, frozen=True):
    """A call found in text at [start, end); `raw_arguments` is JSON text."""

    name: str
    raw_arguments: str
    start: int
    end: int


def find(text: str, names: Iterable[str]) -> tuple[Leak, ...]:
    """Calls of known tools written as text, in order, none overlapping another."""
    known = frozenset(names)
    found = sorted(_all(text), key=lambda leak: (leak.start, -leak.end))
    kept: list[Leak] = []
    for leak in found:
        if leak.name in known and (not kept or leak.start >= kept[-1].end):
            kept.append(leak)
    return tuple(kept)


def repair(contents: tuple[Content, ...], names: Iterable[str], stem: str) -> tuple[tuple[Content, ...], int]:
    """The contents with leaked calls taken out of the prose and put after it as calls with ids `<stem>_<k>`, and how many."""
    known = frozenset(names)
    kept: list[Content] = []
    calls: list[Content] = []
    for content in contents:
        leaks = find(content.text, known) if isinstance(content, Text) else ()
        if not isinstance(content, Text) or not leaks:
            kept.append(content)
            continue
        if rest := _without(content.text, leaks).strip():
            kept.append(Text(rest))
        first = len(calls) + 1
        calls += [ToolCall(f"{stem}_{k}", leak.name, leak.raw_arguments) for k, leak in enumerate(leaks, first)]
    return (*kept, *calls), len(calls)


def count(contents: tuple[Content, ...], names: Iterable[str]) -> int:
    """How many calls leaked into the prose of a reply."""
    known = tuple(names)
    return sum(len(find(content.text, known)) for content in contents if isinstance(content, Text))


def _without(text: str, leaks: tuple[Leak, ...]) -> str:
    for leak in reversed(leaks):
        text = text[: leak.start] + text[leak.end :]
    return text


def _all(text: str) -> Iterator[Leak]:
    for pattern in (TAGGED, MARKED, FENCED, BARE):
        for match in pattern.finditer(text):
            if (call := _from_json(match["body"])) is not None:
                yield Leak(*call, match.start(), match.end())
    for match in XML.finditer(text):
        pairs = {p["name"]: p["value"] for p in PARAMETER.finditer(match["body"] or match["rest"] or "")}
        yield Leak(match["name"] or match["other"], json.dumps(pairs, ensure_ascii=False), match.start(), match.end())


def _from_json(body: str) -> tuple[str, str] | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(body)
    except (ValueError, RecursionError):
        return None
    inner = value.get("function", value) if isinstance(value, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
        return None
    arguments = inner.get("arguments", inner.get("parameters"))
    if arguments is None:
        return None
    return inner["name"], arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def broken(contents: tuple[Content, ...], names: Iterable[str]) -> tuple[tuple[str, Blame], ...]:
    """A sentence for each call begun in the prose that can't be read, when the reply holds no call at all."""
    known = tuple(names)
    if not known or any(isinstance(content, ToolCall) for content in contents):
        return ()
    return tuple(
        (f"a call begun with {match[0]} at character {match.start()} could not be read", Blame.MODEL)
        for content in contents
        if isinstance(content, Text)
        for match in OPENING.finditer(content.text)
        if not any(leak.start <= match.start() < leak.end for leak in find(content.text, known))
    )
