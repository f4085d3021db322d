"""What an agent says to a model in the harness's name: nudges, notices of cut replies and of calls that could not be read."""

from __future__ import annotations

import msgspec

from agents.prose import prose
from harness.core.task import Limits


class Words(msgspec.Struct, frozen=True):
    """`nudge`: an answer without a call. `cut`, `cut_call`: a reply that ended too early, without and with calls. `malformed`: a heading."""

    nudge: str
    cut: str
    cut_call: str
    malformed: str

    def malformed_calls(self, sentences: tuple[str, ...]) -> str:
        return "\n".join((self.malformed, *(f"- {sentence}" for sentence in sentences)))

    @property
    def all(self) -> tuple[str, ...]:
        return (self.nudge, self.cut, self.cut_call, self.malformed)


def words(nudge: str) -> Words:
    """The notices, with the nudge of the named file."""
    return Words(prose(nudge), prose("cut"), prose("cut_call"), prose("malformed"))


def with_limits(system: str, limits: Limits | None) -> str:
    """The system text with the bounds the agent may be told, when it may be told any."""
    if limits is None or not limits.tell:
        return system
    bounds = [
        (limits.turns, "{} replies"),
        (limits.tool_calls, "{} tool calls"),
        (limits.tokens, "{} tokens"),
        (limits.cost_usd, "{} US dollars"),
        (limits.seconds, "{:g} seconds"),
        (limits.tool_seconds, "{:g} seconds of tool time"),
    ]
    told = [form.format(bound) for bound, form in bounds if bound is not None]
    return f"{system}\n\nThis work ends without further notice after {', or '.join(told)}." if told else system
