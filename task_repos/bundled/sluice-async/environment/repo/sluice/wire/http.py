"""As much of HTTP/1.1 as collectors, webhooks and the metrics page need."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sluice.errors import WireError

LONGEST_HEAD = 32 * 1024
REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized"}
REASONS |= {404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Content Too Large", 422: "Unprocessable Content"}
REASONS |= {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self, host: str) -> bytes:
        headers = {"host": host, **self.headers, "content-length": str(len(self.body))}
        return _join(f"{self.method} {self.target} HTTP/1.1", headers, self.body)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def encode(self) -> bytes:
        reason = REASONS.get(self.status, "Unknown")
        return _join(f"HTTP/1.1 {self.status} {reason}", {**self.headers, "content-length": str(len(self.body))}, self.body)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def keeps_open(self) -> bool:
        return self.headers.get("connection", "keep-alive").lower() != "close"

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise WireError(f"the answer is not JSON: {error}") from None


def json_response(value: object, status: int = 200) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json"}, json.dumps(value, sort_keys=True).encode("utf-8"))


def _join(first: str, headers: dict[str, str], body: bytes) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise WireError("a line break inside a header")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Reader:
    """Takes bytes as they come; ``_finish`` makes a message of head and body."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: tuple[str, dict[str, str]] | None = None

    @property
    def is_empty(self) -> bool:
        return not self._buffer and self._head is None

    def _feed(self, data: bytes) -> tuple[str, dict[str, str], bytes] | None:
        self._buffer += data
        if self._head is None and not self._read_head():
            return None
        assert self._head is not None
        first, headers = self._head
        body = self._chunks() if headers.get("transfer-encoding", "").lower() == "chunked" else self._counted(headers)
        if body is None:
            return None
        self._head = None
        return first, headers, body

    def _read_head(self) -> bool:
        at = self._buffer.find(b"\r\n\r\n")
        if at < 0:
            if len(self._buffer) > LONGEST_HEAD:
                raise WireError("the head of the message is too long")
            return False
        first, *rest = bytes(self._buffer[:at]).decode("latin-1").split("\r\n")
        headers = {}
        for line in rest:
            name, colon, value = line.partition(":")
            if not colon:
                raise WireError(f"not a header: {line!r}")
            headers[name.strip().lower()] = value.strip()
        del self._buffer[: at + 4]
        self._head = (first, headers)
        return True

    def _counted(self, headers: dict[str, str]) -> bytes | None:
        text = headers.get("content-length", "0")
        if not text.isdigit():
            raise WireError(f"not a length: {text!r}")
        length = int(text)
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        return body

    def _chunks(self) -> bytes | None:
        at, body = 0, b""
        while True:
            end = self._buffer.find(b"\r\n", at)
            if end < 0:
                return None
            try:
                size = int(bytes(self._buffer[at:end]).split(b";")[0], 16)
            except ValueError:
                raise WireError("not the size of a chunk") from None
            at = end + 2
            if len(self._buffer) < at + size + 2:
                return None
            body += self._buffer[at : at + size]
            at += size + 2
            if size == 0:
                del self._buffer[:at]
                return body


class RequestReader(_Reader):
    """The server's side."""

    def feed(self, data: bytes) -> HttpRequest | None:
        found = self._feed(data)
        if found is None:
            return None
        first, headers, body = found
        parts = first.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            raise WireError(f"not a request: {first!r}")
        return HttpRequest(parts[0], parts[1], headers, body)


class ResponseReader(_Reader):
    """The client's side."""

    def feed(self, data: bytes) -> HttpResponse | None:
        found = self._feed(data)
        if found is None:
            return None
        first, headers, body = found
        parts = first.split(" ", 2)
        if len(parts) < 2 or not parts[1].isdigit():
            raise WireError(f"not a response: {first!r}")
        return HttpResponse(int(parts[1]), headers, body)
