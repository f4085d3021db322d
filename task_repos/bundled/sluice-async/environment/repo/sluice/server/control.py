"""The control port: lines of JSON."""

from __future__ import annotations

from sluice.errors import LinkClosed, LinkTimeout, WireError
from sluice.model.addresses import Address
from sluice.server.dispatch import Dispatcher
from sluice.transport.links import Link
from sluice.transport.listener import Listener
from sluice.wire.lines import LineReader, decode_line, encode_line

SILENCE = 300.0
SEND_TIMEOUT = 10.0


class ControlServer:
    """Serves many clients at once; the requests of one client are answered one after another, in their order.

    A line that is no request is answered with an error; the link stays open.
    """

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher
        self._listener = Listener(self._serve, "control")

    @property
    def clients(self) -> int:
        return self._listener.links

    def start(self, address: Address) -> Address:
        return self._listener.start(address)

    def stop(self, grace: float) -> None:
        """Take no more clients; those that are served have so many seconds to hang up."""
        self._listener.stop(grace)

    def _serve(self, link: Link) -> None:
        reader = LineReader()
        while True:
            try:
                data = link.receive(SILENCE)
            except (LinkClosed, LinkTimeout):
                return
            if not data:
                return
            for line in reader.feed(data):
                link.send(self._answer(line), SEND_TIMEOUT)

    def _answer(self, line: bytes) -> bytes:
        try:
            request = decode_line(line)
        except WireError as error:
            return encode_line({"id": None, "ok": False, "error": f"WireError: {error}"})
        return encode_line(self._dispatcher.answer(request))
