"""As coder, but it only masks: old tool results give way to stand-ins, nothing is ever summarised.

What masking can't free ends the conversation: the model refuses the view, or a reply is cut by the window, and no result is left to clear.
Requests, the model's own words and its calls all stay; what is lost is what tools and files said.
"""

from __future__ import annotations

import msgspec

from agents.clearing import by_half, cleared, down_to_low
from agents.coder import TOOLS
from agents.forgetting import TOO_LONG, Forgetting, Shorter
from agents.history import History
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation


class Masking(msgspec.Struct, frozen=True):
    """Clears at the marks, and harder where the model refuses the view."""

    marks: Marks

    def relax(self, history: History) -> Shorter:
        """Above the high mark one block of old results; where that would free too little, nothing until the window is really full."""
        window = self.marks.passed(history)
        if window is None:
            return history
        found = by_half(history) if history.full else down_to_low(history, self.marks, window)
        freed = history.tokens - history.overhead - found.tokens
        if found.clear and (history.full or freed > self.marks.worth(window)):
            return (yield from cleared(history, found, f"{history.tokens} of {window} tokens taken"))
        return None if history.full else history

    def harden(self, history: History, refused: History) -> Shorter:
        found = by_half(history)
        return (yield from cleared(history, found, TOO_LONG)) if found.clear else None


def create(*, high_water: float = 0.80, low_water: float = 0.50, recent: int = 4, nudges: int = 2) -> Agent:
    """Marks are shares of the window, 0 < low < high <= 1; `recent` newest results outlast clearing. Raises PlanError."""
    checked(high_water=high_water, low_water=low_water, recent=recent, nudges=nudges)
    system, said = prose("coder"), words("nudge")

    def begin(assignment: Assignment) -> Conversation:
        memory = Forgetting(Masking(Marks(assignment.window, high_water, low_water, recent)))
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, memory, nudges))

    return Worker("masking", (system, *said.all), TOOLS, begin)
