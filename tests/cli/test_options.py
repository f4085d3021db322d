"""What `-o` says to one agent or to all of them."""

from __future__ import annotations

import pytest

from harness.cli.preparing.plans import Said, worded
from harness.core.errors import PlanError


def options(*words: str, agents: tuple[str, ...] = ("coder", "pinned", "my.own.agent", "oracle")) -> dict[str, dict[str, object]]:
    return {entry.use: dict(entry.options) for entry in worded(Said(agents=agents, options=words)).agents}


def test_an_option_is_for_all_agents_or_for_one() -> None:
    """`agent.NAME` goes to every agent but the references, `agent:AGENT.NAME` to that one, whatever dots its name has."""
    told = options("agent.nudges=1", "agent:pinned.share=0.05", "agent:my.own.agent.depth=3")
    assert told == {"coder": {"nudges": "1"}, "pinned": {"nudges": "1", "share": "0.05"}, "my.own.agent": {"nudges": "1", "depth": "3"}, "oracle": {}}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("agent:pined.share=1", r"no agent 'pined'.*did you mean 'pinned'"), ("agent:oracle.share=1", r"no agent 'oracle'"), ("agent:pinned=1", "ROOM.NAME=VALUE"),
        ("agent:.share=1", "no agent ''"), ("agent:pinned.=1", "ROOM.NAME=VALUE"),
    ],
)  # fmt: skip
def test_an_option_for_nobody_is_one_sentence(word: str, words: str) -> None:
    """An agent that the plan does not have, a reference agent, and a word without a name are told before anything starts."""
    with pytest.raises(PlanError, match=words):
        options(word)
