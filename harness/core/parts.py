"""Message parts with stable ids: a view as a fold of splices, and a part's words made safe for an event."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

import msgspec

from harness.core.blob import Blob
from harness.core.chat import Content, Message, Part, PartId, Role, Text, Thinking, ToolCall, ToolOutput, View
from harness.core.events import ModelAsked, PartAdded, Splice, Trace, TrialStarted

INLINE = 4096
"""Words up to this many characters stay in the event; longer ones are a blob with an excerpt beside it."""


def part_ids(view: View) -> tuple[PartId, ...]:
    """The ids of all parts of a view, in order."""
    return tuple(part.id for message in view for part in message.parts)


def splices(old: tuple[PartId, ...], new: tuple[PartId, ...]) -> tuple[Splice, ...]:
    """The changes that make `new` of `old`, to be applied in order; linear for appends and for a masked middle."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    matcher = SequenceMatcher(None, old[start:], new[start:], autojunk=False)
    done, shift = [], 0
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            done.append(Splice(start + i1 + shift, i2 - i1, new[start + j1 : start + j2]))
            shift += (j2 - j1) - (i2 - i1)
    return tuple(done)


def spliced(ids: tuple[PartId, ...], changes: Iterable[Splice]) -> tuple[PartId, ...]:
    """The list of ids after the changes."""
    now = list(ids)
    for change in changes:
        now[change.at : change.at + change.drop] = change.insert
    return tuple(now)


def plain(text: str) -> str:
    """The text as UTF-8 can hold it: lone surrogates written out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def added(message: Message, part: Part, put: Callable[[bytes], Blob]) -> PartAdded:
    """The event of a part; bulky or unencodable content goes whole into a blob, which any string survives."""
    content = part.content
    words = [getattr(content, name) for name in content.__struct_fields__]
    escaped = any(isinstance(word, str) and plain(word) != word for word in words)
    if not escaped and len(content.text) <= INLINE:
        return PartAdded(part.id, message.role, part.origin, content)
    return PartAdded(part.id, message.role, part.origin, _excerpt(content), put(packed(content)), escaped)


def packed(content: Content) -> bytes:
    """A content as JSON whose bytes keep even lone surrogates apart (escapes would join two of them into one character)."""
    fields = {name: getattr(content, name) for name in content.__struct_fields__}
    return json.dumps({"type": type(content).__name__, **fields}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def unpacked(data: bytes) -> Content:
    """What `packed` packed."""
    fields: dict[str, Any] = json.loads(data.decode("utf-8", "surrogatepass"))
    kinds: dict[str, type[Content]] = {"Text": Text, "Thinking": Thinking, "ToolCall": ToolCall, "ToolOutput": ToolOutput}
    content: Content = kinds[fields.pop("type")](**fields)
    return content


def _excerpt(content: Content) -> Content:
    short = plain(content.text[: INLINE // 4])
    match content:
        case Text():
            return Text(short)
        case Thinking():
            return Thinking(short, "")
        case ToolCall():
            return ToolCall(plain(content.id), plain(content.name), short)
        case ToolOutput():
            return ToolOutput(plain(content.call_id), plain(content.name), short, content.ok)


def whole(event: PartAdded, get: Callable[[Blob], bytes]) -> Content:
    """The content of a part as the model saw it."""
    return event.content if event.blob is None else unpacked(get(event.blob))


def views(trace: Trace, get: Callable[[Blob], bytes]) -> list[View]:
    """Every view that was put before the model, in the order of the ModelAsked events."""
    parts: dict[PartId, tuple[Role, Part]] = {}
    ids: tuple[PartId, ...] = ()
    seen: list[View] = []
    for entry in trace:
        match entry.event:
            case PartAdded() as event:
                parts[event.id] = (event.role, Part(event.id, event.origin, whole(event, get)))
            case TrialStarted():
                ids = ()
            case ModelAsked() as event:
                ids = spliced(ids, event.splices)
                seen.append(grouped(ids, parts))
            case _:
                pass
    return seen


def grouped(ids: tuple[PartId, ...], parts: Mapping[PartId, tuple[Role, Part]]) -> View:
    """The view that shows these parts, gathered into their messages."""
    messages: list[Message] = []
    for ident in ids:
        role, part = parts[ident]
        name = ident.rsplit(".", 1)[0]
        if messages and messages[-1].id == name:
            messages[-1] = msgspec.structs.replace(messages[-1], parts=(*messages[-1].parts, part))
        else:
            messages.append(Message(name, role, (part,)))
    return tuple(messages)
