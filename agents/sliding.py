"""As coder, but it slides: the oldest exchanges are dropped without a stand-in or a summary, and the model isn't told (the record is).

The system text, all requests and the newest exchange stay. It is what many chat programs do.
"""

from __future__ import annotations

import msgspec

from agents.coder import TOOLS
from agents.forgetting import TOO_LONG, Forgetting, Shorter, Step
from agents.history import History
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.window import droppable, exchanges, oldest, total
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation, Edit, confess


class Sliding(msgspec.Struct, frozen=True):
    """Drops down to the low mark, or half of what may go where the model refuses the view."""

    marks: Marks

    def relax(self, history: History) -> Shorter:
        window = self.marks.passed(history)
        if window is None:
            return history
        free = _loose(history)
        if history.full or free > self.marks.worth(window):
            tokens = history.tokens - int(self.marks.low * window)
            return (yield from _dropped(history, tokens, f"{history.tokens} of {window} tokens taken")) if free else None
        return history

    def harden(self, history: History, refused: History) -> Shorter:
        free = _loose(history)
        return (yield from _dropped(history, free // 2, TOO_LONG)) if free else None


def _kept(history: History) -> frozenset[str]:
    """What stays: without the newest exchange the model would make the same call again."""
    return history.kept | {message.id for message in exchanges(history.messages)[-1]}


def _loose(history: History) -> int:
    return sum(total(group) for group in droppable(history.messages, keep=_kept(history)))


def _dropped(history: History, tokens: int, reason: str) -> Step:
    gone = oldest(history.messages, keep=_kept(history), tokens=max(1, tokens))
    left = tuple(message for message in history.messages if message.id not in gone)
    yield from confess(Edit("slide", dropped=tuple(m.id for m in history.messages if m.id in gone), reason=reason))
    return msgspec.structs.replace(history, messages=left, full=False)


def create(*, high_water: float = 0.80, low_water: float = 0.50, nudges: int = 2) -> Agent:
    """Marks are shares of the window, 0 < low < high <= 1. Raises PlanError."""
    checked(high_water=high_water, low_water=low_water, nudges=nudges)
    system, said = prose("coder"), words("nudge")

    def begin(assignment: Assignment) -> Conversation:
        memory = Forgetting(Sliding(Marks(assignment.window, high_water, low_water)))
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, memory, nudges))

    return Worker("sliding", (system, *said.all), TOOLS, begin)
