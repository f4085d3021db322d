"""Applies the known solution and claims it: what a task's check must accept."""

from __future__ import annotations

from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Claim, Conversation, Stop, hand_back, use
from harness.core.chat import ToolCall
from harness.core.task import Solution


def create(*, solution: Solution | None = None) -> Agent:
    """The solution is given by wiring; without one the agent gives up at once."""

    def begin(_assignment: Assignment) -> Conversation:
        return _solve(known=solution is not None)

    return Worker("oracle", (), ("solve",), begin)


def _solve(*, known: bool) -> Conversation:
    """One use of `solve`, then every request is handed back: the solution is for all of them."""
    if not known:
        return Stop.GAVE_UP
    used = yield from use(ToolCall("solve-1", "solve", "{}"))
    claim = Claim("the known solution was applied", "") if used.ok else Claim("", "the known solution did not apply")
    while (yield from hand_back(claim)) is not None:
        pass
    return Stop.ANSWERED
