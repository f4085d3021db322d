"""Messages and their parts, tool specifications and calls, sampling, replies: the neutral form of a conversation."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

from harness.core.errors import Blame, Wire

PartId: TypeAlias = str
"""`<message>.<k>`: m12.1 is the first part of message 12 (given by the harness), a3.1 one that the agent wrote itself."""


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Origin(StrEnum):
    """Where a part's words come from."""

    TASK = "task"
    USER = "user"
    HARNESS = "harness"
    MODEL = "model"
    THINKING = "thinking"
    TOOL = "tool"
    OWN_FILE = "own_file"


class Text(msgspec.Struct, frozen=True, tag="text"):
    text: str


class Thinking(msgspec.Struct, frozen=True, tag="thinking"):
    """Reasoning; `opaque` is JSON text that the provider wants back verbatim (signature, redacted block), or empty."""

    text: str
    opaque: str = ""


class ToolCall(msgspec.Struct, frozen=True, tag="call"):
    """A call as the model wrote it: `raw_arguments` is the JSON text as received, parsed only at the tool's border."""

    id: str
    name: str
    raw_arguments: str

    @property
    def text(self) -> str:
        return self.raw_arguments


class ToolOutput(msgspec.Struct, frozen=True, tag="output"):
    """What the model is shown of a tool's result."""

    call_id: str
    name: str
    text: str
    ok: bool


Content: TypeAlias = Text | Thinking | ToolCall | ToolOutput


class Part(msgspec.Struct, frozen=True):
    id: PartId
    origin: Origin
    content: Content


class Message(msgspec.Struct, frozen=True):
    id: str
    role: Role
    parts: tuple[Part, ...]

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        return tuple(part.content for part in self.parts if isinstance(part.content, ToolCall))

    @property
    def text(self) -> str:
        """The plain words of the message: text parts and tool outputs, joined by newlines."""
        return "\n".join(part.content.text for part in self.parts if isinstance(part.content, (Text, ToolOutput)))


View: TypeAlias = tuple[Message, ...]


def message(ident: str, role: Role, origin: Origin, *contents: Content) -> Message:
    """A message whose parts all have one origin, numbered from 1."""
    parts = tuple(Part(f"{ident}.{k}", origin, content) for k, content in enumerate(contents, 1))
    return Message(ident, role, parts)


class Parameter(msgspec.Struct, frozen=True):
    """A required argument; flat types only, because small models fail unions and servers drop schema keywords."""

    name: str
    type: Literal["string", "integer"]
    description: str


class ToolSpec(msgspec.Struct, frozen=True):
    name: str
    description: str
    parameters: tuple[Parameter, ...] = ()

    def schema(self) -> dict[str, object]:
        """JSON Schema of the arguments."""
        properties = {p.name: {"type": p.type, "description": p.description} for p in self.parameters}
        return {"type": "object", "properties": properties, "required": [p.name for p in self.parameters]}


class Sampling(msgspec.Struct, frozen=True):
    """What is sent explicitly; None is not sent. `origin` says where the values come from."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    origin: str = "server"


class ModelRequest(msgspec.Struct, frozen=True):
    """One question to a model. `window` and `max_output` in tokens; `thinking` is "", "off", "on" or a level's name.

    `replies`: how many this conversation has had, those of a lived past included; for models that play a script, sent to nobody.
    """

    view: View
    tools: tuple[ToolSpec, ...]
    sampling: Sampling
    window: int | None
    max_output: int
    thinking: str = ""
    replies: int | None = None


class Usage(msgspec.Struct, frozen=True):
    """The provider's own counts, in tokens; None where it said nothing, because a zero would look like a measurement."""

    input_total: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    output_total: int | None = None
    output_thinking: int | None = None


class Timing(msgspec.Struct, frozen=True):
    """Seconds as told by the server, but `wall` and `first_token`, which we measure."""

    wall: float
    first_token: float | None = None
    load: float | None = None
    prefill: float | None = None
    decode: float | None = None


class ReplyStop(StrEnum):
    """Why a reply ended; cut by the output limit and cut by the window are different ends."""

    END = "end"
    TOOL = "tool"
    MAX_OUTPUT = "max_output"
    WINDOW_FULL = "window_full"
    STOP_SEQUENCE = "stop_sequence"
    REFUSAL = "refusal"
    PAUSED = "paused"


class Reply(msgspec.Struct, frozen=True):
    """A complete answer. Contents only: ids are given by the harness.

    `leaked`: call-like texts found in the prose; `repaired`: how many of `contents`' calls were made from them (named option only).
    `warnings`: findings between turns, such as a reload or a prefill collapse.
    """

    contents: tuple[Content, ...]
    stop: ReplyStop
    raw_stop: str
    usage: Usage
    timing: Timing
    wire: Wire
    thinking_kept: bool | None = None
    leaked: int = 0
    repaired: int = 0
    malformed: tuple[tuple[str, Blame], ...] = ()
    warnings: tuple[str, ...] = ()
    remote: str = ""


CUT = frozenset({ReplyStop.MAX_OUTPUT, ReplyStop.WINDOW_FULL})
"""A reply that ended so never has its calls run."""
