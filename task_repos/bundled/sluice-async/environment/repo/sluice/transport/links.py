"""A link carries bytes to one peer and back."""

from __future__ import annotations

import contextlib
import socket
from abc import ABC, abstractmethod

from sluice.errors import LinkClosed, LinkError, LinkTimeout

PIECE = 64 * 1024


class Link(ABC):
    """Bytes in both directions, in order. A link that has failed once is closed."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @abstractmethod
    def send(self, data: bytes, timeout: float) -> None:
        """Hand all bytes over; raises LinkTimeout, LinkClosed or LinkError."""

    @abstractmethod
    def receive(self, timeout: float) -> bytes:
        """Some bytes, at least one; empty once the peer has ended. Raises LinkTimeout, LinkClosed or LinkError."""

    @abstractmethod
    def close(self) -> None:
        """End the link at once; never waits, and may be called more than once."""

    def _require_open(self) -> None:
        if self._closed:
            raise LinkClosed(f"the link to {self.peer} is closed")


class TcpLink(Link):
    """A link over a connected socket."""

    def __init__(self, connection: socket.socket, peer: str) -> None:
        super().__init__(peer)
        self._connection = connection
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes, timeout: float) -> None:
        self._require_open()
        try:
            self._connection.settimeout(timeout)
            self._connection.sendall(data)
        except TimeoutError:
            self.close()
            raise LinkTimeout(f"{self.peer} did not take {len(data)} bytes in {timeout:g} s") from None
        except OSError as error:
            raise self._failed(error) from None

    def receive(self, timeout: float) -> bytes:
        self._require_open()
        try:
            self._connection.settimeout(timeout)
            return self._connection.recv(PIECE)
        except TimeoutError:
            raise LinkTimeout(f"{self.peer} sent nothing for {timeout:g} s") from None
        except OSError as error:
            raise self._failed(error) from None

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _failed(self, error: OSError) -> LinkError:
        was_closed = self._closed
        self.close()
        if was_closed or isinstance(error, ConnectionError):
            return LinkClosed(f"the link to {self.peer} is closed")
        return LinkError(f"the link to {self.peer} failed: {error}")
