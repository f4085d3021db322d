"""The words of every part of a life, whole, before anybody has counted them."""

from __future__ import annotations

import msgspec

from harness.core.chat import Content, Origin, PartId, Role, Text, Thinking, ToolCall, ToolOutput
from harness.core.events import PartAdded
from harness.core.parts import whole
from harness.metrics.context.seen.life import Get


class Spoken(msgspec.Struct, frozen=True):
    """`added`: the turn in which the part went on record, 0 before the first."""

    id: PartId
    role: Role
    origin: Origin
    kind: str
    text: str
    name: str
    call: str
    added: int


def spoken(event: PartAdded, get: Get, turn: int) -> Spoken:
    """Raises StoreError where the words are a blob that is gone."""
    content = whole(event, get)
    kind, name, call = _of(content)
    return Spoken(event.id, event.role, event.origin, kind, content.text, name, call, turn)


def message_of(ident: PartId) -> str:
    return ident.rsplit(".", 1)[0]


def _of(content: Content) -> tuple[str, str, str]:
    match content:
        case Text():
            return "text", "", ""
        case Thinking():
            return "thinking", "", ""
        case ToolCall(id=ident, name=name):
            return "call", name, ident
        case ToolOutput(call_id=ident, name=name):
            return "output", name, ident
