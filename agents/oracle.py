"""Applies the known solution and claims it: what a task's check must accept."""

from __future__ import annotations

import json

from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Claim, Conversation, Given, Stop, Used, hand_back, use
from harness.core.chat import ToolCall
from harness.core.task import Solution, SolveSteps


def create(*, solution: Solution | None = None) -> Agent:
    """The solution is given by wiring; without one the agent gives up at once."""

    def begin(assignment: Assignment) -> Conversation:
        return _step_by_step(assignment.first) if isinstance(solution, SolveSteps) else _solve(known=solution is not None)

    return Worker("oracle", (), ("solve",), begin)


def _solve(*, known: bool) -> Conversation:
    """One use of `solve`, then every request is handed back: the solution is for all of them."""
    if not known:
        return Stop.GAVE_UP
    used = yield from use(ToolCall("solve-1", "solve", "{}"))
    while (yield from hand_back(_claim(used))) is not None:
        pass
    return Stop.ANSWERED


def _step_by_step(first: Given) -> Conversation:
    """One use of `solve` for each request, whose own solution it is."""
    given: Given | None = first
    number = 0
    while given is not None:
        number += 1
        used = yield from use(ToolCall(f"solve-{number}", "solve", json.dumps({"step": given.request.id})))
        given = yield from hand_back(_claim(used))
    return Stop.ANSWERED


def _claim(used: Used) -> Claim:
    return Claim("the known solution was applied", "") if used.ok else Claim("", "the known solution did not apply")
