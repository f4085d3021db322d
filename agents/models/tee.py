"""The bytes of an exchange as they crossed the wire, without headers: hooks for the HTTP client of a provider's package."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2

from harness.core.errors import Wire

IDENTITY = {"accept-encoding": "identity"}
"""Asked of the server, so that what is kept can be read."""

FRESH = httpx2.Limits(max_keepalive_connections=0)
"""A new connection for every request: one left idle over a long tool call may be dead, and would fail a turn for nothing."""


class Tee:
    """One client's last exchange."""

    def __init__(self) -> None:
        self._sent, self._kept, self._status = b"", bytearray(), None

    _status: int | None

    def hooks(self) -> Mapping[str, list[Callable[..., Any]]]:
        """To be given to the HTTP client as its event hooks."""
        return {"request": [self._request], "response": [self._response]}

    def wire(self) -> Wire:
        return Wire(self._sent, bytes(self._kept), self._status)

    def _request(self, request: httpx2.Request) -> None:
        self._sent, self._kept, self._status = request.read(), bytearray(), None

    def _response(self, response: httpx2.Response) -> None:
        self._status = response.status_code
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _Copied(response.stream, self._kept)


class _Copied(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream, kept: bytearray) -> None:
        self._stream, self._kept = stream, kept

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._kept += chunk
            yield chunk

    def close(self) -> None:
        self._stream.close()
