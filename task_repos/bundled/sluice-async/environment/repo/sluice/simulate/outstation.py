"""A simulated outstation: bytes in, bytes out, without input or output of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sluice.model.stations import Station
from sluice.times import epoch
from sluice.wire.checksum import is_proof
from sluice.wire.frames import Frame, FrameReader
from sluice.wire.messages import (
    Block,
    Busy,
    Challenge,
    Done,
    GetTime,
    Hello,
    ImageActivate,
    ImageBegin,
    ImageChunk,
    ImageState,
    LogPage,
    Message,
    Ping,
    Proof,
    ReadBlock,
    ReadLog,
    Refused,
    SetTime,
    Time,
    Welcome,
    WriteBlock,
    decode,
)
from sluice.wire.registers import decode_value, encode_value

NOT_LOGGED_IN, NO_REGISTER, READ_ONLY, NO_IMAGE, BAD_IMAGE = 1, 2, 3, 4, 5


@dataclass
class Faults:
    """What goes wrong with an outstation: each is a number of requests that it still holds for."""

    silent: int = 0
    busy: int = 0
    busy_milliseconds: int = 200
    hang_up: int = 0
    noise: bytes = b""
    stubborn: bool = False
    """Written registers keep their old words."""


@dataclass
class SimulatedOutstation:
    """The memory, the log, the clock and the firmware of an outstation; several links may speak to it."""

    station: Station
    now: Callable[[], datetime]
    model: str = "gauge7"
    firmware: str = "1.0.0"
    words: dict[int, int] = field(default_factory=dict)
    log: list[tuple[int, int, int]] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    clock_offset: int = 0
    requests: list[Message] = field(default_factory=list)
    links: int = 0
    image: bytearray = field(default_factory=bytearray)
    _coming: ImageBegin | None = None

    def set(self, point: str, value: float) -> None:
        """Give a point a value."""
        found = self.station.point(point)
        for register, word in zip(found.registers, encode_value(value, found.type, found.scale), strict=True):
            self.words[register] = word

    def get(self, point: str) -> float:
        found = self.station.point(point)
        return decode_value(tuple(self.words.get(r, 0) for r in found.registers), found.type, found.scale)

    def note(self, point: str, at: datetime) -> None:
        """Put the value that a point has now into the outstation's own log."""
        register = self.station.point(point).register
        self.log.append((epoch(at), register, self.words.get(register, 0)))

    def connect(self) -> Conversation:
        """A fresh link; the conversation takes bytes and gives bytes."""
        self.links += 1
        return Conversation(self)

    def answer(self, message: Message) -> Message | None:
        """The answer to a request of somebody who has logged in; None is a hang-up after a new image was started."""
        match message:
            case Ping():
                return Done()
            case GetTime():
                return Time(epoch(self.now()) + self.clock_offset)
            case SetTime(seconds):
                self.clock_offset = seconds - epoch(self.now())
                return Done()
            case ReadBlock(start, count):
                return Block(start, tuple(self.words.get(start + n, 0) for n in range(count)))
            case WriteBlock(start, words):
                return self._write(start, words)
            case ReadLog(after, limit):
                return self._page(after, limit)
            case ImageBegin() | ImageChunk() | ImageActivate():
                return self._update(message)
            case _:
                return Refused(NO_REGISTER, f"cannot handle {type(message).__name__}")

    def _write(self, start: int, words: tuple[int, ...]) -> Message:
        allowed = {r for p in self.station.points if p.kind.value == "setting" for r in p.registers}
        if not set(range(start, start + len(words))) <= allowed:
            return Refused(READ_ONLY, f"register {start} is read only")
        if not self.faults.stubborn:
            self.words |= {start + n: word for n, word in enumerate(words)}
        return Done()

    def _page(self, after: int, limit: int) -> Message:
        entries = self.log[after : after + limit]
        words = [part for seconds, register, word in entries for part in (seconds >> 16, seconds & 0xFFFF, register, word)]
        return LogPage(after + 1, tuple(words), int(after + limit < len(self.log)))

    def _update(self, message: ImageBegin | ImageChunk | ImageActivate) -> Message:
        match message:
            case ImageBegin():
                if self._coming != message:
                    self._coming, self.image = message, bytearray()
                return ImageState(len(self.image))
            case ImageChunk(offset, data):
                if self._coming is None or offset != len(self.image):
                    return Refused(NO_IMAGE, "no such piece is wanted")
                self.image += data
                return ImageState(len(self.image))
            case ImageActivate(version):
                coming = self._coming
                if coming is None or coming.version != version or hashlib.sha256(self.image).digest() != coming.digest:
                    return Refused(BAD_IMAGE, "the image is not whole")
                self.firmware, self._coming, self.image = version, None, bytearray()
                return Done()


class Conversation:
    """One link to an outstation."""

    def __init__(self, outstation: SimulatedOutstation) -> None:
        self._outstation = outstation
        self._reader = FrameReader()
        self._nonce = hashlib.sha256(f"{outstation.station.name}{outstation.links}".encode()).digest()[:8]
        self._known = False

    def __call__(self, data: bytes) -> list[bytes]:
        """What comes back; an empty piece is the end of the link."""
        pieces = []
        for frame in self._reader.feed(data):
            pieces.extend(self._respond(frame))
        return pieces

    def _respond(self, frame: Frame) -> list[bytes]:
        message, faults = decode(frame), self._outstation.faults
        if not self._known:
            return [reply.frame(frame.sequence).encode() for reply in self._let_in(message)]
        self._outstation.requests.append(message)
        if faults.silent:
            faults.silent -= 1
            return []
        if faults.hang_up:
            faults.hang_up -= 1
            return [b""]
        if faults.busy:
            faults.busy -= 1
            return [Busy(faults.busy_milliseconds).frame(frame.sequence).encode()]
        reply = self._outstation.answer(message)
        found = [] if reply is None else [faults.noise + reply.frame(frame.sequence).encode()]
        return [*found, b""] if isinstance(message, ImageActivate) and isinstance(reply, Done) else found

    def _let_in(self, message: Message) -> list[Message]:
        station = self._outstation.station
        match message:
            case Hello(name, _) if name == station.name:
                return [Challenge(self._nonce)]
            case Proof(digest) if is_proof(digest, station.secret, self._nonce, station.name):
                self._known = True
                return [Welcome(self._outstation.model, self._outstation.firmware, 120)]
            case _:
                return [Refused(NOT_LOGGED_IN, "who are you")]
