"""What a model is asked when it is measured, and how its answers are read; pure."""

from __future__ import annotations

import json

from harness.core.chat import (
    Message,
    Origin,
    Parameter,
    Reply,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolOutput,
    ToolSpec,
    View,
    message,
)  # fmt: skip

COUNT = "Count from 1 to 500, one number a line, without a word between them."
LOOK = "Look at the file notes.txt with one of your tools, then say in one word what it holds."
EDIT = (
    "Make one change in the file calc.py with one of your tools: `return a - b` in `add` must become `return a + b`. The file is:\n\n"
    "def add(a, b):\n    return a - b\n"
)
KINDS: dict[str, type] = {"string": str, "integer": int}


def asked(text: str) -> View:
    """One message of a user."""
    return (message("p1", Role.USER, Origin.HARNESS, Text(text)),)


def haystack(mark: str, characters: int, needle: str = "") -> str:
    """About so many characters of a dull list. `mark`, said first, makes it new to every cache; the `needle` stands in its middle."""
    lines, length, number = [f"List {mark}."], 0, 0
    while length < characters:
        number += 1
        line = f"Shelf {number}: {number * 7919 % 97} boxes, row {number * 31 % 53}, checked by hand, nothing to report."
        if needle and length <= characters / 2 < length + len(line) + 1:
            lines.append(f"Shelf {number}: the word kept here is {needle}.")
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines)


def with_results(view: View, reply: Reply, text: str) -> View:
    """The view with the model's answer and the same result for each of its calls."""
    calls = called(reply)
    said: Message = message("p2", Role.ASSISTANT, Origin.MODEL, *reply.contents)
    outputs = (ToolOutput(call.id, call.name, text, ok=True) for call in calls)
    return (*view, said, message("p3", Role.TOOL, Origin.TOOL, *outputs))


def called(reply: Reply) -> tuple[ToolCall, ...]:
    """Its calls, in order."""
    return tuple(content for content in reply.contents if isinstance(content, ToolCall))


def edits(reply: Reply, tools: tuple[ToolSpec, ...]) -> bool:
    """Whether a call names one of the tools, gives each of its arguments in its type, and holds the change that was asked for."""
    known = {tool.name: tool.parameters for tool in tools}
    return any(call.name in known and valid(call, known[call.name]) and "+" in call.raw_arguments for call in called(reply))


def valid(call: ToolCall, parameters: tuple[Parameter, ...]) -> bool:
    """Whether the raw arguments are a JSON object with every parameter in its type."""
    try:
        given = json.loads(call.raw_arguments)
    except (ValueError, RecursionError):
        return False
    return isinstance(given, dict) and all(type(given.get(each.name)) is KINDS[each.type] for each in parameters)


def holds(reply: Reply, word: str) -> bool:
    """Whether the word was said, aloud or in thought: what was found before the words ran out was found."""
    return any(word in content.text for content in reply.contents if isinstance(content, (Text, Thinking)))


def read_s(reply: Reply) -> float | None:
    """Seconds until the prompt was read: the server's own word, else until the first token."""
    return reply.timing.first_token if reply.timing.prefill is None else reply.timing.prefill


def written_s(reply: Reply) -> float | None:
    """Seconds of writing: the server's own word, else from the first token on."""
    timing = reply.timing
    if timing.decode is not None:
        return timing.decode
    return None if timing.first_token is None else timing.wall - timing.first_token


def fresh(reply: Reply) -> int:
    """Prompt tokens that no cache had, 0 where nobody counted."""
    return max(0, (reply.usage.input_total or 0) - (reply.usage.cache_read or 0))
