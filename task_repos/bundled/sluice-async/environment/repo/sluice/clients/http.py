"""An HTTP client that keeps its links open between requests."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from sluice.clock import Clock
from sluice.errors import HttpError, LinkClosed
from sluice.model.addresses import Address, Url
from sluice.transport.deadlines import Deadline
from sluice.transport.dialers import Dialer
from sluice.transport.links import Link
from sluice.transport.pool import Pool
from sluice.wire.http import HttpRequest, HttpResponse, ResponseReader

IDEMPOTENT = frozenset({"GET", "PUT", "DELETE", "HEAD"})


class HttpLink:
    """A link with how often it was used: a used one may have been closed by the server since."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.uses = 0

    @property
    def closed(self) -> bool:
        return self._link.closed

    def close(self) -> None:
        self._link.close()

    def exchange(self, request: HttpRequest, host: str, timeout: float) -> HttpResponse:
        """One request and its answer; ``timeout`` is for both."""
        self.uses += 1
        deadline = Deadline(timeout)
        reader = ResponseReader()
        self._link.send(request.encode(host), deadline.require("sending a request"))
        while True:
            data = self._link.receive(deadline.require(f"the answer of {host}"))
            if not data:
                self.close()
                raise LinkClosed(f"{host} hung up before it had answered")
            response = reader.feed(data)
            if response is not None:
                if not response.keeps_open:
                    self.close()
                return response


class HttpClient:
    """Requests to any server; links are kept by address."""

    def __init__(self, dialer: Dialer, clock: Clock, dial_timeout: float = 5.0, most: int = 4) -> None:
        self._dialer = dialer
        self._dial_timeout = dial_timeout
        self._pool: Pool[HttpLink] = Pool(self._open, clock, most)

    def request(
        self,
        method: str,
        url: Url,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> HttpResponse:
        """The answer, whatever its status. A link that turns out to be closed is replaced once, where asking twice does no harm."""
        request = HttpRequest(method, url.join(target), dict(headers or {}), body)
        again = method in IDEMPOTENT
        while True:
            with self._pool.lend(url.address, self._dial_timeout) as link:
                used = link.uses > 0
                try:
                    return link.exchange(request, str(url.address), timeout)
                except LinkClosed:
                    link.close()
                    self._pool.forget(url.address)
                    if not (used and again):
                        raise
            again = False

    def fetch(
        self,
        method: str,
        url: Url,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> HttpResponse:
        """Like :meth:`request`, but an answer that is no success raises HttpError."""
        response = self.request(method, url, target, body, headers, timeout)
        if not response.is_success:
            raise HttpError(response.status, response.body.decode("utf-8", "replace")[:200])
        return response

    def close(self) -> None:
        self._pool.close()

    def _open(self, key: Hashable, timeout: float) -> HttpLink:
        assert isinstance(key, Address)
        return HttpLink(self._dialer.dial(key, timeout))
