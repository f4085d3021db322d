"""An agent that asks nobody: ten commands, ten files written, ten files read, one after the other, and the turn goes back."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agents.worker import Worker
from harness.core.agent import Agent, Assignment, Conversation, Stop, hand_back, use
from harness.core.chat import ToolCall

ROUNDS = 10
TEN_KB = "0123456789abcdef" * 640


def create() -> Agent:
    return Worker("thirty", (), ("shell", "write", "read"), _work)


def _work(_assignment: Assignment) -> Conversation:
    for call in calls():
        used = yield from use(call)
        if not used.ok:
            return Stop.FAULT
    yield from hand_back()
    return Stop.ANSWERED


def calls() -> Iterator[ToolCall]:
    """A command, a file of 10 KB and its reading, ten times."""
    for number in range(1, ROUNDS + 1):
        name = f"file{number}"
        asked = (
            ("shell", {"command": f"echo {number} >> log", "seconds": 30}),
            ("write", {"path": name, "content": f"{number}\n{TEN_KB}\n"}),
            ("read", {"path": name, "first_line": 1, "last_line": 0}),
        )
        for tool, words in asked:
            yield ToolCall(f"{tool}{number}", tool, json.dumps(words))
