"""Frames over a link."""

from __future__ import annotations

from collections import deque

from sluice.errors import LinkClosed
from sluice.transport.deadlines import Deadline
from sluice.transport.links import Link
from sluice.wire.frames import Frame, FrameReader


class FramedLink:
    """Sends and receives whole frames; bytes between frames are skipped and counted."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._reader = FrameReader()
        self._ready: deque[Frame] = deque()

    @property
    def peer(self) -> str:
        return self._link.peer

    @property
    def closed(self) -> bool:
        return self._link.closed

    @property
    def noise(self) -> int:
        """Bytes that belonged to no frame, and damaged frames."""
        return self._reader.skipped + self._reader.damaged

    def send_frame(self, frame: Frame, timeout: float) -> None:
        self._link.send(frame.encode(), timeout)

    def receive_frame(self, timeout: float) -> Frame:
        """The next frame; ``timeout`` is for the whole frame, however slowly its bytes drip in."""
        deadline = Deadline(timeout)
        while not self._ready:
            data = self._link.receive(deadline.require(f"a frame of {self.peer}"))
            if not data:
                self.close()
                raise LinkClosed(f"{self.peer} has hung up")
            self._ready.extend(self._reader.feed(data))
        return self._ready.popleft()

    def close(self) -> None:
        self._link.close()
