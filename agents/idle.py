"""Does nothing and says so: what a task's check must not accept."""

from __future__ import annotations

from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Claim, Conversation, Stop, hand_back


def create() -> Agent:
    return Worker("idle", (), (), _rest)


def _rest(_assignment: Assignment) -> Conversation:
    while (yield from hand_back(Claim("", "nothing was done"))) is not None:
        pass
    return Stop.ANSWERED
