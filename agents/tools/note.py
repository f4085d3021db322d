"""Takes a note down: it is shown again when earlier parts of the conversation have been taken out. Keeps nothing itself."""

from __future__ import annotations

import msgspec

from agents.prose import described
from agents.tools.arguments import Arguments, Flaw, parse
from agents.tools.border import cross, done, unfit
from harness.core.chat import Parameter, ToolCall, ToolSpec
from harness.core.ports import Sandbox, Tool, ToolResult

LONGEST = 1_000
"""Characters of one note: more is a copy of something."""
_SPEC = ("note", (Parameter("text", "string", "what to remember, in a sentence or a few"),))


class Note(msgspec.Struct, frozen=True):
    """The note stands in the conversation that the call is part of; whoever shows it again finds it there."""

    spec: ToolSpec

    def run(self, call: ToolCall, sandbox: Sandbox) -> ToolResult:
        return cross(call, self.spec, _act)


def create() -> Tool:
    name, parameters = _SPEC
    return Note(ToolSpec(name, described(name), parameters))


def words_of(call: ToolCall) -> str:
    """The note that a call takes down, "" for one that the tool refuses."""
    arguments = parse(call.raw_arguments, ToolSpec(_SPEC[0], "", _SPEC[1]))
    words = "" if isinstance(arguments, Flaw) else arguments.text("text").strip()
    return words if len(words) <= LONGEST else ""


def _act(arguments: Arguments) -> ToolResult:
    words = arguments.text("text").strip()
    if not words:
        return unfit("`text` is empty: say what to remember.")
    if len(words) > LONGEST:
        return unfit(f"`text` has {len(words)} characters; one note takes at most {LONGEST}. Take down what matters of it.")
    return done("Noted.", touches=False)
