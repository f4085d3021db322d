"""Stands for whoever made a patch elsewhere: lays it over base and hands it in, so that it is graded and kept like any work."""

from __future__ import annotations

from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Claim, Conversation, Stop, hand_back, use
from harness.core.chat import ToolCall


def create() -> Agent:
    """The patch itself is its tool's, which wiring makes from the predictions of the run."""
    return Worker("prediction", (), ("lay_patch",), _lay)


def _lay(_assignment: Assignment) -> Conversation:
    """One use of `lay_patch`, then every request is handed back: a patch is for all of them."""
    used = yield from use(ToolCall("lay-1", "lay_patch", "{}"))
    claim = Claim("the patch was applied", "") if used.ok else Claim("", f"the patch does not apply: {'; '.join(used.message.text.splitlines())}"[:2000])
    while (yield from hand_back(claim)) is not None:
        pass
    return Stop.ANSWERED
