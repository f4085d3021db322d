"""As coder, but it never masks: at the high mark the model's own summary takes the place of all but the system text and the requests."""

from __future__ import annotations

import msgspec

from agents.coder import TOOLS
from agents.forgetting import Forgetting, Shorter
from agents.history import History
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.summary import Questions, halved, loose, questions, summed
from agents.window import droppable
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation

TOO_LONG = "the model refused the view for its length, and nothing of it is masked"


class Summarising(msgspec.Struct, frozen=True):
    """Summarises at the high mark, and the newer half of a view that the model has refused. The low mark only says what is worth it."""

    marks: Marks
    questions: Questions

    def relax(self, history: History) -> Shorter:
        window = self.marks.passed(history)
        if window is None or loose(history) <= self.marks.worth(window):
            return history
        return (yield from summed(history, self.questions, f"{history.tokens} of {window} tokens taken"))

    def harden(self, history: History, refused: History) -> Shorter:
        """Once; a view of the system text, the requests and a summary can't be made any shorter."""
        if history.summary != refused.summary or not droppable(history.messages, keep=history.kept):
            return None
        return (yield from halved(history, self.questions, TOO_LONG))


def create(*, high_water: float = 0.80, low_water: float = 0.50, nudges: int = 2) -> Agent:
    """Marks are shares of the window, 0 < low < high <= 1: a summary comes where the high one is passed and half of what lies between
    them can go. Raises PlanError.
    """
    checked(high_water=high_water, low_water=low_water, nudges=nudges)
    system, said, asked = prose("coder"), words("nudge"), questions()

    def begin(assignment: Assignment) -> Conversation:
        memory = Forgetting(Summarising(Marks(assignment.window, high_water, low_water), asked))
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, memory, nudges))

    return Worker("summarising", (system, *said.all, *asked.all), TOOLS, begin)
