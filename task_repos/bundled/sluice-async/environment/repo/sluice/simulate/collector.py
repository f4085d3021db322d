"""A simulated collector and webhook: requests in, responses out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sluice.errors import StoreError
from sluice.model.batches import Batch
from sluice.wire.http import HttpRequest, HttpResponse, RequestReader, json_response


@dataclass
class SimulatedCollector:
    """Keeps what it is given. ``answers`` holds statuses to answer the next requests with, whatever they ask."""

    token: str = "token"
    batches: dict[int, Batch] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    links: int = 0
    hang_up_after_each: bool = False

    def connect(self) -> Visit:
        self.links += 1
        return Visit(self)

    def respond(self, request: HttpRequest) -> HttpResponse:
        if self.answers:
            status = self.answers.pop(0)
            if status != 200:
                return json_response({"error": "out of order"}, status)
        if request.method == "POST" and request.target.startswith("/hook"):
            self.letters.append(json.loads(request.body)["text"])
            return json_response({}, 202)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return json_response({"error": "who are you"}, 401)
        kind, _, rest = request.target.removeprefix("/").partition("/")
        if kind == "batches" and request.method == "PUT":
            return self._take(int(rest), request.body)
        if kind.startswith("commands?after=") and request.method == "GET":
            return self._list(kind.partition("=")[2])
        if kind == "commands" and request.method == "PUT":
            self.reports[rest] = json.loads(request.body)
            return json_response({})
        return json_response({"error": f"no {request.target}"}, 404)

    def _take(self, number: int, body: bytes) -> HttpResponse:
        if number in self.batches:
            return json_response({"error": "is here already"}, 409)
        try:
            self.batches[number] = Batch.decode(body)
        except StoreError as error:
            return json_response({"error": str(error)}, 422)
        self.order.append(number)
        return json_response({}, 201)

    def _list(self, after: str) -> HttpResponse:
        identities = [command["id"] for command in self.commands]
        start = identities.index(after) + 1 if after in identities else 0
        return json_response({"commands": self.commands[start:]})


class Visit:
    """One link to the collector."""

    def __init__(self, collector: SimulatedCollector) -> None:
        self._collector = collector
        self._reader = RequestReader()

    def __call__(self, data: bytes) -> list[bytes]:
        request = self._reader.feed(data)
        if request is None:
            return []
        answer = self._collector.respond(request).encode()
        return [answer, b""] if self._collector.hang_up_after_each else [answer]
