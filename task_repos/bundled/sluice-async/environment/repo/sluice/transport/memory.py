"""Links inside this process: to simulated outstations and collectors."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from sluice.errors import DialError, LinkTimeout
from sluice.model.addresses import Address
from sluice.transport.dialers import Dialer
from sluice.transport.links import Link

Responder = Callable[[bytes], Iterable[bytes]]
"""Takes bytes that were sent, gives the pieces that come back; ``b""`` among them ends the link."""


class MemoryLink(Link):
    """A link whose other end is a function: answers lie ready as soon as something was sent."""

    def __init__(self, responder: Responder, peer: str) -> None:
        super().__init__(peer)
        self._responder = responder
        self._pieces: deque[bytes] = deque()
        self._changed = threading.Condition()

    def send(self, data: bytes, timeout: float) -> None:
        self._require_open()
        pieces = list(self._responder(data))
        with self._changed:
            self._pieces.extend(pieces)
            self._changed.notify_all()

    def receive(self, timeout: float) -> bytes:
        with self._changed:
            self._require_open()
            if not self._changed.wait_for(lambda: self._pieces or self._closed, timeout):
                raise LinkTimeout(f"{self.peer} sent nothing for {timeout:g} s")
            self._require_open()
            return self._pieces.popleft()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class MemoryDialer(Dialer):
    """Makes memory links to whoever is registered under an address."""

    def __init__(self) -> None:
        self._peers: dict[Address, Callable[[], Responder]] = {}
        self.dialled: list[Address] = []

    def register(self, address: Address, peer: Callable[[], Responder]) -> None:
        """``peer`` is called for each link and gives its responder; it may raise DialError."""
        self._peers[address] = peer

    def unregister(self, address: Address) -> None:
        self._peers.pop(address, None)

    def dial(self, address: Address, timeout: float) -> Link:
        self.dialled.append(address)
        peer = self._peers.get(address)
        if peer is None:
            raise DialError(f"{address} does not answer")
        return MemoryLink(peer(), str(address))
