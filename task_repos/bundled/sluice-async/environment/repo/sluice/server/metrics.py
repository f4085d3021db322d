"""A page with numbers, for whoever collects metrics."""

from __future__ import annotations

from typing import Any, Protocol

from sluice.errors import LinkClosed, LinkTimeout, WireError
from sluice.model.addresses import Address
from sluice.services.counters import Counters
from sluice.transport.links import Link
from sluice.transport.listener import Listener
from sluice.wire.http import HttpRequest, HttpResponse, RequestReader, json_response

SILENCE = 30.0
SEND_TIMEOUT = 10.0


class Reporting(Protocol):
    """The part of a gateway that the page shows."""

    def status(self) -> dict[str, Any]: ...


class MetricsServer:
    """Answers ``GET /metrics`` with counters and ``GET /status`` with the state of the gateway."""

    def __init__(self, gateway: Reporting, counters: Counters) -> None:
        self._gateway = gateway
        self._counters = counters
        self._listener = Listener(self._serve, "metrics")

    def start(self, address: Address) -> Address:
        return self._listener.start(address)

    def stop(self, grace: float) -> None:
        self._listener.stop(grace)

    def respond(self, request: HttpRequest) -> HttpResponse:
        """The answer to one request."""
        if request.method != "GET":
            return json_response({"error": "only GET is answered"}, 405)
        if request.target == "/metrics":
            return HttpResponse(200, {"content-type": "text/plain"}, self._counters.page().encode("utf-8"))
        if request.target == "/status":
            return json_response(self._gateway.status())
        return json_response({"error": f"no page {request.target}"}, 404)

    def _serve(self, link: Link) -> None:
        reader = RequestReader()
        while True:
            try:
                data = link.receive(SILENCE)
                request = reader.feed(data) if data else None
            except (LinkClosed, LinkTimeout):
                return
            except WireError as error:
                link.send(json_response({"error": str(error)}, 400).encode(), SEND_TIMEOUT)
                return
            if not data:
                return
            if request is not None:
                link.send(self.respond(request).encode(), SEND_TIMEOUT)
