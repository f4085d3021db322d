"""A memory that forgets on purpose and says so: old tool results first, in one block, then the work so far for a summary of it."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from agents.history import History, added, heard, said
from agents.loop import Heard
from agents.window import Fit, droppable, fit, oldest, stand_in, total
from harness.core.agent import Answer, Answered, Edit, Wish, ask, confess
from harness.core.chat import Message, Origin, Part, Role, Text
from harness.core.errors import ContextOverflow

ALONE = 1
"""Newest results left alone when the model has refused the view for its length."""


class Compacting(msgspec.Struct, frozen=True):
    """`window` in tokens, None where unknown: then only an overflow compacts. `high`, `low`: marks as shares of the window.

    `recent`: newest results never cleared at the high mark. The other three are prompts.
    """

    window: int | None
    high: float
    low: float
    recent: int
    summarise: str
    summary: str
    no_summary: str

    def ask(self, history: History) -> Generator[Wish, Answer, Heard]:
        """Compact where the high mark is reached, then ask; on an overflow compact harder. None when nothing is left to forget."""
        history = yield from self._relaxed(history)
        answered, forgot = (yield from _try(history)), False
        while answered is None:
            found = fit(history.messages, keep=history.kept, budget=total(history.messages) // 2, recent=ALONE)
            if found.clear:
                history = yield from _clear(history, found, "the model refused the view for its length")
            elif forgot or not droppable(history.messages, keep=history.kept):
                return None
            else:
                history, forgot = (yield from self._forget(history)), True
            answered = yield from _try(history)
        return heard(history, answered), answered

    def _relaxed(self, history: History) -> Generator[Wish, Answer, History]:
        """Below the high mark nothing; above it one block of old results, or where that frees too little, a summary."""
        window = history.tokens if history.full else self.window  # a reply cut by the window has measured it
        if window is None or history.tokens <= self.high * window:
            return history
        found = fit(history.messages, keep=history.kept, budget=int(self.low * window) - history.overhead, recent=self.recent)
        enough = (self.high + self.low) / 2 * window
        if found.clear and found.tokens + history.overhead <= enough:
            return (yield from _clear(history, found, f"{history.tokens} of {window} tokens taken"))
        loose = sum(total(group) for group in droppable(history.messages, keep=history.kept))
        if loose <= (self.high - self.low) / 2 * window:
            return history  # what must stay fills the window: a summary on every turn would free nothing
        return (yield from self._summarise(history))

    def _forget(self, history: History) -> Generator[Wish, Answer, History]:
        """Without a result to clear: drop the older half of the exchanges, then have the rest summarised."""
        keep = history.kept | {history.summary}
        loose = sum(total(group) for group in droppable(history.messages, keep=keep))
        gone = oldest(history.messages, keep=keep, tokens=loose // 2)
        if gone:
            dropped = tuple(message.id for message in history.messages if message.id in gone)
            yield from confess(Edit("drop", dropped=dropped, reason="the model refused the view for its length"))
        left = tuple(message for message in history.messages if message.id not in gone)
        return (yield from self._summarise(msgspec.structs.replace(history, messages=left)))

    def _summarise(self, history: History) -> Generator[Wish, Answer, History]:
        """Everything but the system text and the requests gives way to the model's own summary of it."""
        asking = said(history, self.summarise)
        answered = yield from _try(asking)
        words = answered.message.text.strip() if answered is not None else ""
        summary = _summary(asking.next_id, self.summary if words else self.no_summary, words)
        gone = tuple((message.id, summary.id) for message in asking.messages if message.id not in history.kept)
        yield from confess(Edit("summarise", replaced=gone, reason="clearing old results was not enough"))
        left = tuple(message for message in history.messages if message.id in history.kept)
        shorter = msgspec.structs.replace(asking, messages=left, made=asking.made + 1, summary=summary.id, full=False)
        return added(shorter, summary)


def _try(history: History) -> Generator[Wish, Answer, Answered | None]:
    """The reply, or None where the view is too long for the model."""
    try:
        return (yield from ask(history.messages))
    except ContextOverflow:
        return None


def _clear(history: History, found: Fit, reason: str) -> Generator[Wish, Answer, History]:
    """Put stand-ins in the places of the results found, and say so."""
    ids = {old: f"a{history.made + k}" for k, old in enumerate(found.clear, 1)}
    yield from confess(Edit("clear", replaced=tuple(ids.items()), reason=reason))
    messages = tuple(stand_in(m, ids[m.id]) if m.id in ids else m for m in history.messages)
    return msgspec.structs.replace(history, messages=messages, made=history.made + len(ids), full=False)


def _summary(ident: str, heading: str, words: str) -> Message:
    """A user message: the harness's heading, then the model's words, each with its origin."""
    parts = [Part(f"{ident}.1", Origin.HARNESS, Text(heading))]
    if words:
        parts.append(Part(f"{ident}.2", Origin.MODEL, Text(words)))
    return Message(ident, Role.USER, tuple(parts))
