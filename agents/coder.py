"""The default agent: ask, use, repeat; clears old tool results and then summarises when the window fills, and says so."""

from __future__ import annotations

from agents.compaction import Compacting
from agents.loop import Manner, converse
from agents.nudges import with_limits, words
from agents.prose import prose
from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation
from harness.core.errors import PlanError

TOOLS = ("shell", "read", "write", "replace", "run_tests", "finish")


def create(*, high_water: float = 0.80, low_water: float = 0.50, recent: int = 4, nudges: int = 2) -> Agent:
    """Marks are shares of the window, 0 < low < high <= 1; `recent` newest results outlast clearing. Raises PlanError."""
    if not 0 < low_water < high_water <= 1:
        raise PlanError("", "agent.high_water", f"low {low_water}, high {high_water}", "0 < low_water < high_water <= 1")
    if recent < 0 or nudges < 0:
        raise PlanError("", "agent.recent", f"recent {recent}, nudges {nudges}", "0 or more of each")
    system, said = prose("coder"), words("nudge")
    summarising = (prose("summarise"), prose("summary"), prose("no_summary"))

    def begin(assignment: Assignment) -> Conversation:
        memory = Compacting(assignment.window, high_water, low_water, recent, *summarising)
        return converse(assignment, Manner(with_limits(system, assignment.limits), said, memory, nudges))

    return Worker("coder", (system, *said.all, *summarising), TOOLS, begin)
