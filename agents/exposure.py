"""Which words expose an item, and a text or a message without them; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec

from harness.core.chat import Message, Part, Text, Thinking, ToolCall, ToolOutput
from harness.core.patterns import expression

_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def exposes(text: str, prints: tuple[str, ...]) -> bool:
    """Whether any fingerprint is in the text: a literal word, or after "re:" a regular expression."""
    return any(expression(each[3:], lines=True).found(text) if each.startswith("re:") else each in text for each in prints)


def exposing(part: Part, prints: tuple[str, ...]) -> bool:
    """Whether a part's words expose it; of a call also its arguments as they are meant, without JSON's escapes."""
    content = part.content
    if isinstance(content, ToolCall):
        return any(exposes(text, prints) for text in (content.raw_arguments, *_meant(content.raw_arguments)))
    return exposes(content.text, prints)


def _meant(raw: str) -> Iterator[str]:
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return
    yield from (value for value in (given.values() if isinstance(given, dict) else ()) if isinstance(value, str))


def without(text: str, words: str, prints: tuple[str, ...]) -> str:
    """The text without the item's own statement and without each sentence, or line of code, that exposes it.

    What still does then, because an expression reaches over lines, loses just the match.
    """
    left = text.replace(words, "") if words else text
    if not exposes(left, prints):
        return left
    left = "\n".join(cut for line in left.split("\n") if (cut := _line(line, prints)) is not None)
    for each in prints:
        left = expression(each[3:], lines=True).without(left) if each.startswith("re:") else left.replace(each, "")
    return left


def _line(line: str, prints: tuple[str, ...]) -> str | None:
    """What is left of a line; None for nothing."""
    if not exposes(line, prints):
        return line
    kept = " ".join(sentence for sentence in _SENTENCE.split(line) if not exposes(sentence, prints))
    return kept if kept.strip() else None


def cut(message: Message, name: str, words: str, prints: tuple[str, ...]) -> Message:
    """The message, under another name where sentences had to be taken out of its texts."""
    parts = tuple(_cut(part, f"{name}.{k}", words, prints) for k, part in enumerate(message.parts, 1))
    return message if parts == message.parts else Message(name, message.role, parts)


def _cut(part: Part, ident: str, words: str, prints: tuple[str, ...]) -> Part:
    content = part.content
    if not isinstance(content, (Text, Thinking)):
        return part
    left = without(content.text, words, prints)
    return part if left == content.text else Part(ident, part.origin, msgspec.structs.replace(content, text=left))


def bared(view: tuple[Message, ...], prints: tuple[str, ...]) -> tuple[Message, ...]:
    """The messages without the parts that expose it. A call goes with its output and an output with its call: no provider takes one alone."""
    pairs = {ident for message in view for part in message.parts if exposing(part, prints) and (ident := call_of(part))}
    bare = (_bare(message, prints, pairs) for message in view)
    return tuple(message for message in bare if any(not isinstance(part.content, Thinking) for part in message.parts))


def _bare(message: Message, prints: tuple[str, ...], pairs: set[str]) -> Message:
    parts = tuple(part for part in message.parts if call_of(part) not in pairs and not exposing(part, prints))
    return msgspec.structs.replace(message, parts=parts)


def call_of(part: Part) -> str:
    """The id of the call that a part is, or is the output of; ""."""
    match part.content:
        case ToolCall(id=ident) | ToolOutput(call_id=ident):
            return ident
        case _:
            return ""
