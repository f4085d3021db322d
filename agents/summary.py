"""Puts the model's own summary in the place of everything but the system text and the requests, and confesses what went."""

from __future__ import annotations

import msgspec

from agents.forgetting import TOO_LONG, Step, tried
from agents.history import History, added, said
from agents.prose import prose
from agents.window import droppable, oldest, total
from harness.core.agent import Edit, confess
from harness.core.chat import Message, Origin, Part, Role, Text


class Questions(msgspec.Struct, frozen=True):
    """`summarise` asks for a summary; `summary` stands above it; `no_summary` stands there where the model wrote none."""

    summarise: str
    summary: str
    no_summary: str

    @property
    def all(self) -> tuple[str, ...]:
        return (self.summarise, self.summary, self.no_summary)


def questions() -> Questions:
    return Questions(prose("summarise"), prose("summary"), prose("no_summary"))


def loose(history: History) -> int:
    """Tokens of all that a summary would take the place of for good; what is said again afterwards is none of it."""
    return sum(total(group) for group in droppable(history.messages, keep=history.kept | {history.restated}))


def summed(history: History, questions: Questions, reason: str) -> Step:
    """Everything but the system text and the requests gives way to the model's own summary of it."""
    asking = said(history, questions.summarise)
    answered = yield from tried(asking)
    words = answered.message.text.strip() if answered is not None else ""
    summary = _message(asking.next_id, questions.summary if words else questions.no_summary, words)
    gone = tuple((message.id, summary.id) for message in asking.messages if message.id not in history.kept)
    yield from confess(Edit("summarise", replaced=gone, reason=reason))
    left = tuple(message for message in history.messages if message.id in history.kept)
    shorter = msgspec.structs.replace(asking, messages=left, made=asking.made + 1, summary=summary.id, full=False)
    return added(shorter, summary)


def halved(history: History, questions: Questions, reason: str) -> Step:
    """Of a view too long to be summarised: drop the older half of the exchanges, then have the rest summarised."""
    keep = history.kept | {history.summary}
    free = sum(total(group) for group in droppable(history.messages, keep=keep))
    gone = oldest(history.messages, keep=keep, tokens=free // 2)
    if gone:
        dropped = tuple(message.id for message in history.messages if message.id in gone)
        yield from confess(Edit("drop", dropped=dropped, reason=TOO_LONG))
    left = tuple(message for message in history.messages if message.id not in gone)
    return (yield from summed(msgspec.structs.replace(history, messages=left), questions, reason))


def _message(ident: str, heading: str, words: str) -> Message:
    """A user message: the harness's heading, then the model's words, each with its origin."""
    parts = [Part(f"{ident}.1", Origin.HARNESS, Text(heading))]
    if words:
        parts.append(Part(f"{ident}.2", Origin.MODEL, Text(words)))
    return Message(ident, Role.USER, tuple(parts))
