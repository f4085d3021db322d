"""Taking links: a server that hands each link to a function."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

from sluice.errors import LinkError, SluiceError
from sluice.model.addresses import Address
from sluice.transport.deadlines import Deadline
from sluice.transport.links import Link, TcpLink

Handler = Callable[[Link], None]


class Listener:
    """Listens on an address; every link is served at the same time as the others, and closed when its handler returns."""

    def __init__(self, handler: Handler, name: str) -> None:
        self._handler = handler
        self._name = name
        self._socket: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._serving: dict[threading.Thread, Link] = {}
        self._lock = threading.Lock()
        self.problems: list[str] = []

    @property
    def links(self) -> int:
        """How many links are being served."""
        with self._lock:
            return len(self._serving)

    def start(self, address: Address) -> Address:
        """Begin to listen; the address with the real port, where port 0 was asked for."""
        if self._socket is not None:
            raise LinkError(f"{self._name} listens already")
        try:
            self._socket = socket.create_server((address.host, address.port))
        except OSError as error:
            raise LinkError(f"{self._name} cannot listen on {address}: {error.strerror or error}") from None
        host, port = self._socket.getsockname()[:2]
        self._accepting = threading.Thread(target=self._accept, name=f"{self._name}-accept", daemon=True)
        self._accepting.start()
        return Address(host, port)

    def stop(self, grace: float) -> None:
        """Take no more links; give those that are served so many seconds to end, then close them."""
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        if self._accepting is not None:
            self._accepting.join()
        self._socket = self._accepting = None
        deadline = Deadline(grace)
        with self._lock:
            serving = dict(self._serving)
        for thread in serving:
            thread.join(deadline.left())
        for thread, link in serving.items():
            link.close()
            thread.join()

    def _accept(self) -> None:
        listening = self._socket
        assert listening is not None
        while True:
            try:
                connection, peer = listening.accept()
            except OSError:
                return
            link = TcpLink(connection, f"{peer[0]}:{peer[1]}")
            thread = threading.Thread(target=self._serve, args=(link,), name=f"{self._name}-link", daemon=True)
            with self._lock:
                self._serving[thread] = link
            thread.start()

    def _serve(self, link: Link) -> None:
        try:
            self._handler(link)
        except SluiceError as error:
            self.problems.append(f"{link.peer}: {error}")
        finally:
            link.close()
            with self._lock:
                self._serving.pop(threading.current_thread(), None)
