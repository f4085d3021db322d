"""The neutral baseline: one tool, or one fenced command in plain text for models without tool calls."""

from __future__ import annotations

import json
import re
from typing import Literal

import msgspec

from agents.loop import Manner, converse
from agents.memory import Keeping
from agents.nudges import Words, with_limits, words
from agents.prose import prose
from agents.window import outputs
from agents.worker import Worker
from harness.core.agent import Agent, Answered, Assignment, Claim, Conversation, Used
from harness.core.chat import Message, Origin, Role, Text, ToolCall, message
from harness.core.errors import PlanError

Mode = Literal["auto", "call", "fence"]
LAST_LINE = "FINISHED"
"""The line that ends the work, as the prompts say; read by the agent, so that no output of a command can end it."""
FENCED = ".fenced"
FENCE = re.compile(r"^```bash[ \t]*\r?\n(.*?)^```[ \t]*\r?$", re.DOTALL | re.MULTILINE)


class Spoken(msgspec.Struct, frozen=True):
    """The prose of one way to give commands."""

    system: str
    words: Words


def create(*, mode: str = "auto", nudges: int = 2) -> Agent:
    """`mode`: call, fence, or auto (fence where the model is offered no tools). Raises PlanError."""
    if mode not in {"auto", "call", "fence"}:
        raise PlanError("", "agent.mode", mode, "auto, call or fence")
    if nudges < 0:
        raise PlanError("", "agent.nudges", str(nudges), "0 or more")
    by_call, by_fence = _spoken("call"), _spoken("fence")

    def begin(assignment: Assignment) -> Conversation:
        fenced = mode == "fence" or (mode == "auto" and not assignment.tools)
        return converse(assignment, _manner(by_fence if fenced else by_call, assignment, nudges, fenced=fenced))

    told = {"auto": (by_call, by_fence), "call": (by_call,), "fence": (by_fence,)}[mode]
    return Worker("bash_only", tuple(text for way in told for text in (way.system, *way.words.all)), ("shell",), begin)


def _spoken(way: str) -> Spoken:
    return Spoken(prose(f"bash_{way}"), words(f"nudge_{way}"))


def _manner(spoken: Spoken, assignment: Assignment, nudges: int, *, fenced: bool) -> Manner:
    system = with_limits(spoken.system, assignment.limits)
    if not fenced:
        return Manner(system, spoken.words, Keeping(), nudges, finished=finished)
    return Manner(system, spoken.words, Keeping(), nudges, calls=fenced_call, shown=observation, finished=finished)


def fenced_call(answered: Answered) -> tuple[ToolCall, ...]:
    """The one fenced command of a reply as a call of `shell`; none where there is no block or more than one."""
    if answered.message.calls:  # a model that was offered tools all the same
        return answered.message.calls
    blocks = FENCE.findall(answered.message.text)
    if len(blocks) != 1 or not blocks[0].strip():
        return ()
    arguments = json.dumps({"command": blocks[0], "seconds": 0})
    return (ToolCall(f"{answered.message.id}{FENCED}", "shell", arguments),)


def observation(ident: str, used: Used) -> Message:
    """The result of a fenced command as a user message, for a model that knows no tool messages."""
    if not any(output.call_id.endswith(FENCED) for output in outputs(used.message)):
        return used.message
    return message(ident, Role.USER, Origin.TOOL, Text(used.message.text))


def finished(answered: Answered) -> Claim | None:
    """The claim of a reply without command whose last line is the agreed one; what stands above it is the claim."""
    lines = answered.message.text.strip().splitlines()
    if not lines or lines[-1].strip(" \t*`") != LAST_LINE:
        return None
    if FENCE.search(answered.message.text):
        return None
    return Claim(done="\n".join(lines[:-1]).strip(), not_done="")
