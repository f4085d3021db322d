"""Frames: two bytes of magic, a kind, a sequence number, a length, a payload and a check sum."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sluice.errors import FrameError
from sluice.wire.checksum import crc16

MAGIC = b"\xa5\x5a"
LONGEST_PAYLOAD = 4096
_HEAD = struct.Struct(">2sBHH")
_TAIL = struct.Struct(">H")
OVERHEAD = _HEAD.size + _TAIL.size


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame; ``sequence`` runs from 0 to 65535 and begins again."""

    kind: int
    sequence: int
    payload: bytes = b""

    def encode(self) -> bytes:
        if len(self.payload) > LONGEST_PAYLOAD:
            raise FrameError(f"a payload of {len(self.payload)} bytes, at most {LONGEST_PAYLOAD} fit")
        if not 0 <= self.kind <= 0xFF or not 0 <= self.sequence <= 0xFFFF:
            raise FrameError(f"kind {self.kind} or sequence {self.sequence} is out of range")
        body = _HEAD.pack(MAGIC, self.kind, self.sequence, len(self.payload)) + self.payload
        return body + _TAIL.pack(crc16(body))


def next_sequence(sequence: int) -> int:
    return (sequence + 1) & 0xFFFF


class FrameReader:
    """Takes bytes as they come and gives whole frames; rubbish between frames is skipped and counted."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.skipped = 0
        self.damaged = 0

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        self._buffer += data
        found = []
        while True:
            self._to_magic()
            frame = self._take()
            if frame is None:
                return found
            found.append(frame)

    def _to_magic(self) -> None:
        at = self._buffer.find(MAGIC)
        if at < 0:
            # The last byte may be the first one of a magic that is still to come.
            keep = 1 if self._buffer[-1:] == MAGIC[:1] else 0
            at = len(self._buffer) - keep
        self.skipped += at
        del self._buffer[:at]

    def _take(self) -> Frame | None:
        while len(self._buffer) >= _HEAD.size:
            _, kind, sequence, length = _HEAD.unpack_from(self._buffer)
            if length > LONGEST_PAYLOAD:
                self._drop_magic()
                continue
            end = _HEAD.size + length
            if len(self._buffer) < end + _TAIL.size:
                return None
            (check,) = _TAIL.unpack_from(self._buffer, end)
            if check != crc16(bytes(self._buffer[:end])):
                self.damaged += 1
                self._drop_magic()
                continue
            payload = bytes(self._buffer[_HEAD.size : end])
            del self._buffer[: end + _TAIL.size]
            return Frame(kind, sequence, payload)
        return None

    def _drop_magic(self) -> None:
        """What looked like a frame is none: look for the next magic behind this one."""
        del self._buffer[: len(MAGIC)]
        self.skipped += len(MAGIC)
        self._to_magic()
