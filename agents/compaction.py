"""Forgets as deployed agents do and says so: old tool results first, in one block, then the work so far for a summary of it."""

from __future__ import annotations

import msgspec

from agents.clearing import by_half, cleared, down_to_low
from agents.forgetting import TOO_LONG, Shorter
from agents.history import History
from agents.marks import Marks
from agents.summary import Questions, halved, loose, summed
from agents.window import droppable

REASON = "clearing old results was not enough"


class Compacting(msgspec.Struct, frozen=True):
    """Clears while that frees enough, summarises where it does not."""

    marks: Marks
    questions: Questions

    def relax(self, history: History) -> Shorter:
        """Below the high mark nothing; above it one block of old results, or where that frees too little, a summary."""
        window = self.marks.passed(history)
        if window is None:
            return history
        found = down_to_low(history, self.marks, window)
        enough = (self.marks.high + self.marks.low) / 2 * window
        if found.clear and found.tokens + history.overhead <= enough:
            return (yield from cleared(history, found, f"{history.tokens} of {window} tokens taken"))
        if loose(history) <= self.marks.worth(window):
            return history  # what must stay fills the window: a summary on every turn would free nothing
        return (yield from summed(history, self.questions, REASON))

    def harden(self, history: History, refused: History) -> Shorter:
        """Half of the view in results; where none is left to clear, once a summary of the newer half."""
        found = by_half(history)
        if found.clear:
            return (yield from cleared(history, found, TOO_LONG))
        if history.summary != refused.summary or not droppable(history.messages, keep=history.kept):
            return None
        return (yield from halved(history, self.questions, REASON))
