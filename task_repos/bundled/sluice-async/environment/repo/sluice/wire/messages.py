"""Messages: what the payload of each kind of frame means."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from typing import ClassVar

from sluice.errors import MessageError
from sluice.wire.frames import Frame

_U16, _U32 = struct.Struct(">H"), struct.Struct(">I")


def _put(code: str, value: object) -> bytes:
    match code:
        case "u16":
            return _U16.pack(value)
        case "u32":
            return _U32.pack(value)
        case "text":
            raw = str(value).encode("utf-8")
            return _U16.pack(len(raw)) + raw
        case "bytes":
            return _U16.pack(len(value)) + bytes(value)  # type: ignore[arg-type,call-overload]
        case _:
            words = tuple(value)  # type: ignore[call-overload]
            return _U16.pack(len(words)) + struct.pack(f">{len(words)}H", *words)


def _get(code: str, data: bytes, at: int) -> tuple[object, int]:
    if code == "u32":
        return _U32.unpack_from(data, at)[0], at + 4
    (first,) = _U16.unpack_from(data, at)
    at += 2
    if code == "u16":
        return first, at
    end = at + (first * 2 if code == "words" else first)
    if end > len(data):
        raise MessageError(f"a field of {first} units runs past the end")
    raw = data[at:end]
    if code == "words":
        return struct.unpack(f">{first}H", raw), end
    return (raw.decode("utf-8") if code == "text" else raw), end


@dataclass(frozen=True, slots=True)
class Message:
    """Base of all messages; a subclass says its kind and how its fields are coded."""

    KIND: ClassVar[int] = 0
    CODES: ClassVar[tuple[str, ...]] = ()

    def frame(self, sequence: int) -> Frame:
        values = (getattr(self, field.name) for field in fields(self))
        try:
            payload = b"".join(_put(code, value) for code, value in zip(self.CODES, values, strict=True))
        except struct.error as error:
            raise MessageError(f"{type(self).__name__}: {error}") from None
        return Frame(self.KIND, sequence, payload)


@dataclass(frozen=True, slots=True)
class Hello(Message):
    """We: who we want to speak to."""

    KIND: ClassVar[int] = 0x01
    CODES: ClassVar[tuple[str, ...]] = ("text", "u16")
    station: str
    version: int


@dataclass(frozen=True, slots=True)
class Challenge(Message):
    """Outstation: prove that you know the secret."""

    KIND: ClassVar[int] = 0x02
    CODES: ClassVar[tuple[str, ...]] = ("bytes",)
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Proof(Message):
    KIND: ClassVar[int] = 0x03
    CODES: ClassVar[tuple[str, ...]] = ("bytes",)
    digest: bytes


@dataclass(frozen=True, slots=True)
class Welcome(Message):
    """Outstation: its model and firmware, and how long a silence it bears before it hangs up."""

    KIND: ClassVar[int] = 0x04
    CODES: ClassVar[tuple[str, ...]] = ("text", "text", "u16")
    model: str
    firmware: str
    patience: int


@dataclass(frozen=True, slots=True)
class Ping(Message):
    KIND: ClassVar[int] = 0x08


@dataclass(frozen=True, slots=True)
class Done(Message):
    """Outstation: did what you asked."""

    KIND: ClassVar[int] = 0x09


@dataclass(frozen=True, slots=True)
class Refused(Message):
    KIND: ClassVar[int] = 0x0A
    CODES: ClassVar[tuple[str, ...]] = ("u16", "text")
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Busy(Message):
    """Outstation: ask again after so many milliseconds."""

    KIND: ClassVar[int] = 0x0B
    CODES: ClassVar[tuple[str, ...]] = ("u16",)
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ReadBlock(Message):
    KIND: ClassVar[int] = 0x10
    CODES: ClassVar[tuple[str, ...]] = ("u16", "u16")
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Block(Message):
    KIND: ClassVar[int] = 0x11
    CODES: ClassVar[tuple[str, ...]] = ("u16", "words")
    start: int
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class WriteBlock(Message):
    KIND: ClassVar[int] = 0x12
    CODES: ClassVar[tuple[str, ...]] = ("u16", "words")
    start: int
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReadLog(Message):
    """We: entries of the outstation's own log with an index above ``after``."""

    KIND: ClassVar[int] = 0x14
    CODES: ClassVar[tuple[str, ...]] = ("u32", "u16")
    after: int
    limit: int


@dataclass(frozen=True, slots=True)
class LogPage(Message):
    """Outstation: four words per entry after its first index (two of time, register, word), and whether there are more."""

    KIND: ClassVar[int] = 0x15
    CODES: ClassVar[tuple[str, ...]] = ("u32", "words", "u16")
    first: int
    words: tuple[int, ...]
    more: int

    def entries(self) -> list[tuple[int, int, int, int]]:
        """(index, seconds since 1970, register, word) per entry."""
        if len(self.words) % 4:
            raise MessageError("a log page of broken entries")
        quads = zip(*(iter(self.words),) * 4, strict=True)
        return [(self.first + n, (high << 16) | low, register, word) for n, (high, low, register, word) in enumerate(quads)]


@dataclass(frozen=True, slots=True)
class SetTime(Message):
    KIND: ClassVar[int] = 0x18
    CODES: ClassVar[tuple[str, ...]] = ("u32",)
    seconds: int


@dataclass(frozen=True, slots=True)
class GetTime(Message):
    KIND: ClassVar[int] = 0x19


@dataclass(frozen=True, slots=True)
class Time(Message):
    KIND: ClassVar[int] = 0x1A
    CODES: ClassVar[tuple[str, ...]] = ("u32",)
    seconds: int


@dataclass(frozen=True, slots=True)
class ImageBegin(Message):
    """We: an image of this version comes; the answer says how much of it is there already."""

    KIND: ClassVar[int] = 0x20
    CODES: ClassVar[tuple[str, ...]] = ("text", "u32", "bytes")
    version: str
    size: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class ImageState(Message):
    KIND: ClassVar[int] = 0x21
    CODES: ClassVar[tuple[str, ...]] = ("u32",)
    offset: int


@dataclass(frozen=True, slots=True)
class ImageChunk(Message):
    KIND: ClassVar[int] = 0x22
    CODES: ClassVar[tuple[str, ...]] = ("u32", "bytes")
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class ImageActivate(Message):
    KIND: ClassVar[int] = 0x23
    CODES: ClassVar[tuple[str, ...]] = ("text",)
    version: str


MESSAGES: dict[int, type[Message]] = {each.KIND: each for each in Message.__subclasses__()}


def decode(frame: Frame) -> Message:
    """The message in a frame."""
    try:
        kind = MESSAGES[frame.kind]
    except KeyError:
        raise MessageError(f"no message of kind {frame.kind:#04x}") from None
    values, at = [], 0
    try:
        for code in kind.CODES:
            value, at = _get(code, frame.payload, at)
            values.append(value)
    except (struct.error, UnicodeDecodeError) as error:
        raise MessageError(f"{kind.__name__}: {error}") from None
    if at != len(frame.payload):
        raise MessageError(f"{kind.__name__}: {len(frame.payload) - at} bytes too many")
    return kind(*values)
