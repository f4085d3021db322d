"""A server at the port: its token count, and what it makes of a prompt that its window does not hold, with the figures of real versions."""

from __future__ import annotations

from typing import Final

import msgspec

from harness.core.chat import Message, ModelRequest, Role, Thinking, View
from harness.corpus.script import Server

CHARACTERS: Final = 4
FRAME: Final = 4
"""Tokens of what a template puts around a message."""
KEPT: Final = 4
"""Ollama's num_keep: the first tokens of a prompt that a cut leaves."""


class Told(msgspec.Struct, frozen=True):
    """`sent`: tokens of what was asked; `evaluated`: of what the server took in; `cached`: of these, from its cache; `cuts`: of A1, A2, A3 those that it did."""

    sent: int
    evaluated: int
    cached: int | None
    cuts: tuple[str, ...] = ()
    thoughtful: bool | None = None
    """Whether earlier reasoning was rendered, None where there was none."""


class TooLong(Exception):
    """The server refuses; its words are the argument."""


def served(server: Server, request: ModelRequest, output: int, before: View) -> Told:
    """What this server does with the request, `before`: the last view that it answered. Raises TooLong."""
    view = _without_old_thoughts(request.view) if server.forgets else request.view
    extra = tokens_of_tools(request)
    sent = extra + size(view)
    window = server.window
    evaluated, cuts = sent, list[str]()
    if window is not None and sent > window:
        evaluated, cut = _cut(server, view, extra, window)
        cuts.append(cut)
    if window is not None and server.over != "refuse" and evaluated + output > window:
        cuts.append("A3")
    cached = extra + size(_shared(view, before)) if server.cached and before else (0 if server.cached else None)
    thoughts = any(isinstance(part.content, Thinking) for message in request.view for part in message.parts)
    return Told(sent, evaluated, None if cached is None else min(cached, evaluated), tuple(cuts), view == request.view if thoughts else None)


def sent(server: Server, request: ModelRequest) -> int:
    """Tokens of the request as this server renders it, whole."""
    return tokens_of_tools(request) + size(_without_old_thoughts(request.view) if server.forgets else request.view)


def size(view: View) -> int:
    """Tokens of a view: one for every four characters of a message begun, and its frame."""
    return sum(FRAME - (-sum(len(part.content.text) for part in message.parts) // CHARACTERS) for message in view)


def tokens_of_tools(request: ModelRequest) -> int:
    """Tokens of the tools' descriptions."""
    return sum(FRAME - (-(len(tool.name) + len(tool.description) + len(str(tool.schema()))) // CHARACTERS) for tool in request.tools)


def _cut(server: Server, view: View, extra: int, window: int) -> tuple[int, str]:
    """First whole messages go, the oldest first, then tokens. Raises TooLong in the words of its version."""
    if server.over == "refuse":
        raise TooLong("the prompt is longer than the context length currently available")
    left = list(view)
    while extra + size(tuple(left)) > window and (oldest := next((m for m in left[:-1] if m.role is not Role.SYSTEM), None)):
        left.remove(oldest)
    rest = extra + size(tuple(left))
    if rest <= window:
        return rest, "A2"
    return (window if server.over == "cut_024" else window - max((window - KEPT) // 2, 1)), "A1"


def _shared(view: View, before: View) -> tuple[Message, ...]:
    """The messages that both begin with."""
    found = []
    for new, old in zip(view, before, strict=False):
        if new.id != old.id:
            break
        found.append(new)
    return tuple(found)


def _without_old_thoughts(view: View) -> View:
    """Reasoning before the last request is not rendered, as the templates of several models have it."""
    last = max((place for place, message in enumerate(view) if message.role is Role.USER), default=0)
    return tuple(message if place > last else _thoughtless(message) for place, message in enumerate(view))


def _thoughtless(message: Message) -> Message:
    kept = tuple(part for part in message.parts if not isinstance(part.content, Thinking))
    return message if len(kept) == len(message.parts) else msgspec.structs.replace(message, parts=kept)
