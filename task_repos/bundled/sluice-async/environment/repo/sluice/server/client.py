"""The client's side of the control port."""

from __future__ import annotations

from itertools import count
from typing import Any

from sluice.errors import ControlError, LinkClosed
from sluice.model.addresses import Address
from sluice.transport.deadlines import Deadline
from sluice.transport.dialers import Dialer
from sluice.transport.links import Link
from sluice.wire.lines import LineReader, decode_line, encode_line


class ControlClient:
    """One link to a running gateway; calls are made one after another."""

    def __init__(self, dialer: Dialer, address: Address, timeout: float = 30.0) -> None:
        self._dialer = dialer
        self._address = address
        self._timeout = timeout
        self._numbers = count(1)
        self._reader = LineReader()
        self._link: Link | None = None

    def connect(self) -> None:
        """Dial the gateway; a call does so by itself where there is no link."""
        if self._link is None or self._link.closed:
            self._link = self._dialer.dial(self._address, self._timeout)
            self._reader = LineReader()

    def call(self, do: str, **arguments: Any) -> Any:
        """The result of an action; raises ControlError with the gateway's own words when it says no."""
        self.connect()
        assert self._link is not None
        number = next(self._numbers)
        deadline = Deadline(self._timeout)
        try:
            self._link.send(encode_line({**arguments, "id": number, "do": do}), deadline.left())
            answer = self._receive(self._link, deadline)
        except BaseException:
            self.close()
            raise
        if answer.get("id") != number:
            self.close()
            raise ControlError("the gateway answered something else")
        if not answer.get("ok"):
            raise ControlError(str(answer.get("error")))
        return answer.get("result")

    def close(self) -> None:
        if self._link is not None:
            self._link.close()

    def _receive(self, link: Link, deadline: Deadline) -> dict[str, Any]:
        while True:
            data = link.receive(deadline.require(f"the answer of {self._address}"))
            if not data:
                raise LinkClosed("the gateway hung up before it had answered")
            lines = self._reader.feed(data)
            if lines:
                return decode_line(lines[0])
