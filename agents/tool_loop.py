"""The control: the same words and tools as coder, without forgetting; a window too small is the end."""

from __future__ import annotations

from agents.coder import TOOLS
from agents.loop import Manner, converse
from agents.memory import Keeping
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation
from harness.core.errors import PlanError


def create(*, nudges: int = 2) -> Agent:
    """`nudges`: how many per request. Raises PlanError."""
    if nudges < 0:
        raise PlanError("", "agent.nudges", str(nudges), "0 or more")
    system, said = prose("coder"), words("nudge")

    def begin(assignment: Assignment) -> Conversation:
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, Keeping(), nudges))

    return Worker("tool_loop", (system, *said.all), TOOLS, begin)
