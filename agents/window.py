"""What fits: sizes of messages, which old tool results to clear and which exchanges to drop; pure decisions, nothing is done here."""

from __future__ import annotations

import msgspec

from harness.core.chat import Message, Origin, Part, Role, Text, ToolOutput, View

CHARACTERS_PER_TOKEN = 4
"""A rough measure, used only for what the provider has not counted yet."""
FRAME_TOKENS = 4
"""What a template puts around a message."""
WORTH_CLEARING = 60
"""Tokens: a smaller result would hardly be larger than the words that stand in for it."""


class Fit(msgspec.Struct, frozen=True):
    """Which messages to clear, oldest first; the tokens taken afterwards; whether that is within the budget."""

    clear: tuple[str, ...]
    tokens: int
    fits: bool


def estimate(message: Message) -> int:
    """Tokens of one message, guessed from its length."""
    return FRAME_TOKENS + sum(len(part.content.text) for part in message.parts) // CHARACTERS_PER_TOKEN


def total(view: View) -> int:
    return sum(estimate(message) for message in view)


def is_result(message: Message) -> bool:
    """A tool's output, also where a model without tool calls gets it as a user message."""
    return bool(message.parts) and all(part.origin is Origin.TOOL for part in message.parts)


def stand_in(message: Message, ident: str) -> Message:
    """The message that takes a cleared result's place: same role, call id and name, so that call and result stay paired."""
    return Message(ident, message.role, tuple(_emptied(part, f"{ident}.{k}") for k, part in enumerate(message.parts, 1)))


def _emptied(part: Part, ident: str) -> Part:
    size = len(part.content.text.encode("utf-8", "surrogatepass"))
    words = f"[result cleared to save room: {size} bytes; run the command again to see it]"
    match part.content:
        case ToolOutput() as output:
            return Part(ident, part.origin, msgspec.structs.replace(output, text=words))
        case _:
            return Part(ident, part.origin, Text(words))


def fit(view: View, *, keep: frozenset[str], budget: int, recent: int) -> Fit:
    """Clear old tool results, oldest first, until the view is within `budget` tokens or none is left.

    Never touches the ids in `keep`, nor the `recent` newest results; a message is only ever replaced, so pairs stay pairs.
    """
    tokens, clear = total(view), []
    for message in clearable(view, keep=keep, recent=recent):
        if tokens <= budget:
            break
        clear.append(message.id)
        tokens += estimate(stand_in(message, message.id)) - estimate(message)
    return Fit(tuple(clear), tokens, tokens <= budget)


def clearable(view: View, *, keep: frozenset[str], recent: int) -> tuple[Message, ...]:
    """Results worth clearing: not kept, not among the `recent` newest, not small."""
    results = [message for message in view if is_result(message)]
    old = results[: max(0, len(results) - recent)]
    return tuple(message for message in old if message.id not in keep and estimate(message) > WORTH_CLEARING)


def exchanges(view: View) -> tuple[View, ...]:
    """The view in groups that can only go together: a reply with the results of its calls; any other message by itself."""
    groups: list[list[Message]] = []
    for message in view:
        if groups and (message.role is Role.TOOL or is_result(message)):
            groups[-1].append(message)
        else:
            groups.append([message])
    return tuple(tuple(group) for group in groups)


def droppable(view: View, *, keep: frozenset[str]) -> tuple[View, ...]:
    """The exchanges that hold nothing of `keep`, oldest first."""
    return tuple(group for group in exchanges(view) if not any(message.id in keep for message in group))


def oldest(view: View, *, keep: frozenset[str], tokens: int) -> frozenset[str]:
    """Ids of the oldest exchanges that free at least `tokens` together, or of all that may go."""
    gone: list[Message] = []
    for group in droppable(view, keep=keep):
        if total(tuple(gone)) >= tokens:
            break
        gone.extend(group)
    return frozenset(message.id for message in gone)


def outputs(message: Message) -> tuple[ToolOutput, ...]:
    return tuple(part.content for part in message.parts if isinstance(part.content, ToolOutput))
