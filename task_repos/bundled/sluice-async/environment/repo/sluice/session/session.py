"""A session: requests and answers with one outstation, one at a time."""

from __future__ import annotations

from typing import TypeVar

from sluice.clock import Clock
from sluice.errors import DeviceBusy, DeviceRefused, DeviceTimeout, LinkTimeout, MessageError
from sluice.model.stations import Station
from sluice.session.handshake import login
from sluice.transport.deadlines import Deadline
from sluice.transport.dialers import Dialer, dial_first
from sluice.transport.framing import FramedLink
from sluice.wire.frames import next_sequence
from sluice.wire.messages import Busy, Done, Message, Ping, Refused, Welcome, decode

FIRST_SEQUENCE = 2
M = TypeVar("M", bound=Message)


class DeviceSession:
    """Requests are numbered; an answer with another number is a late one to something given up, and is dropped.

    A session whose request was given up half-way is closed: nobody knows what will still come in over its link.
    """

    def __init__(self, framed: FramedLink, station: Station, welcome: Welcome, clock: Clock, timeout: float, busy_attempts: int) -> None:
        self._framed = framed
        self._clock = clock
        self._timeout = timeout
        self._busy_attempts = busy_attempts
        self._sequence = FIRST_SEQUENCE
        self.station = station
        self.welcome = welcome
        self.requests = 0
        self.late = 0

    @property
    def closed(self) -> bool:
        return self._framed.closed

    @property
    def firmware(self) -> str:
        return self.welcome.firmware

    def request(self, message: Message, expected: type[M], timeout: float | None = None) -> M:
        """Send a message and wait for its answer; a busy outstation is asked again after the time that it names.

        Raises DeviceTimeout (and closes the session), DeviceRefused, DeviceBusy, or a LinkError.
        """
        limit = self._timeout if timeout is None else timeout
        for attempt in range(1, self._busy_attempts + 1):
            answer = self._exchange(message, limit)
            if isinstance(answer, Refused):
                raise DeviceRefused(answer.code, answer.text)
            if not isinstance(answer, Busy):
                return self._checked(message, answer, expected)
            if attempt < self._busy_attempts:
                self._clock.sleep(answer.milliseconds / 1000)
        raise DeviceBusy(f"{self.station.name} was busy {self._busy_attempts} times")

    def ping(self, timeout: float | None = None) -> None:
        """See whether the outstation is there."""
        self.request(Ping(), Done, timeout)

    def close(self) -> None:
        self._framed.close()

    def _exchange(self, message: Message, limit: float) -> Message:
        sequence, self._sequence = self._sequence, next_sequence(self._sequence)
        deadline = Deadline(limit)
        self.requests += 1
        try:
            self._framed.send_frame(message.frame(sequence), deadline.left())
            return self._answer(sequence, deadline)
        except LinkTimeout:
            self.close()
            raise DeviceTimeout(f"{self.station.name} did not answer in {limit:g} s") from None

    def _answer(self, sequence: int, deadline: Deadline) -> Message:
        while True:
            frame = self._framed.receive_frame(deadline.require(f"an answer of {self.station.name}"))
            if frame.sequence == sequence:
                return decode(frame)
            self.late += 1

    def _checked(self, message: Message, answer: Message, expected: type[M]) -> M:
        if not isinstance(answer, expected):
            self.close()
            raise MessageError(f"{self.station.name} answered a {type(message).__name__} with a {type(answer).__name__}")
        return answer


def open_session(dialer: Dialer, station: Station, clock: Clock, dial_timeout: float, answer_timeout: float, busy_attempts: int = 3) -> DeviceSession:
    """Dial a station (its backup address too) and log in; whatever goes wrong, no link stays open."""
    framed = FramedLink(dial_first(dialer, station.addresses, dial_timeout))
    try:
        welcome = login(framed, station, answer_timeout)
    except LinkTimeout:
        framed.close()
        raise DeviceTimeout(f"{station.name} did not let us in within {answer_timeout:g} s") from None
    except BaseException:
        framed.close()
        raise
    return DeviceSession(framed, station, welcome, clock, answer_timeout, busy_attempts)
