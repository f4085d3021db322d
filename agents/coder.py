"""The default agent: ask, use, repeat; clears old tool results and then summarises when the window fills, and says so."""

from __future__ import annotations

from agents.compaction import Compacting
from agents.forgetting import Forgetting
from agents.loop import Manner, converse
from agents.marks import Marks, checked
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.summary import questions
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation

TOOLS = ("shell", "read", "write", "replace", "run_tests", "finish")


def create(*, high_water: float = 0.80, low_water: float = 0.50, recent: int = 4, nudges: int = 2) -> Agent:
    """Marks are shares of the window, 0 < low < high <= 1; `recent` newest results outlast clearing. Raises PlanError."""
    checked(high_water=high_water, low_water=low_water, recent=recent, nudges=nudges)
    system, said, asked = prose("coder"), words("nudge"), questions()

    def begin(assignment: Assignment) -> Conversation:
        marks = Marks(assignment.window, high_water, low_water, recent)
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, Forgetting(Compacting(marks, asked)), nudges))

    return Worker("coder", (system, *said.all, *asked.all), TOOLS, begin)
