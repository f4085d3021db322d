"""Sending messages: once, again after a pause, and not for ever."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from tollbook.errors import GivenUp, OfficeRefused, OfficeSilent, TransmissionError
from tollbook.offices.directory import Directory
from tollbook.settings import Sending
from tollbook.store.spool import Spool, Waiting

log = logging.getLogger("tollbook.transmit")


class Line(Protocol):
    """A way to an office: gives the reply and the seconds that it took.

    OSError is raised where there is no way, TimeoutError where there is no reply.
    """

    def exchange(self, address: str, body: str, patience: float) -> tuple[str, float]: ...


@dataclass(frozen=True)
class World:
    """What sending needs of the world."""

    line: Line
    now: Callable[[], datetime]
    sleep: Callable[[float], None]


class Transmitter:
    """Sends messages to offices."""

    def __init__(self, directory: Directory, sending: Sending, world: World) -> None:
        self._directory = directory
        self._sending = sending
        self._world = world

    def send(self, office: str, message: str, body: str) -> str:
        """The reply to a message, after as many attempts as the settings say."""
        attempts = self._sending.attempts
        for attempt in range(1, attempts + 1):
            try:
                return self._once(office, message, body)
            except OfficeRefused:
                raise
            except TransmissionError as error:
                if attempt == attempts:
                    raise GivenUp("message %s was sent %s times without success" % (message, attempts)) from error
                seconds = self._sending.pause * 2 ** (attempt - 1)
                log.warning("W11 retry %s of %s for message %s in %.1f s", attempt + 1, attempts, message, seconds)
                self._world.sleep(seconds)
        return ""

    def _once(self, office: str, message: str, body: str) -> str:
        address = self._directory.address(office, self._world.now())
        try:
            reply, seconds = self._world.line.exchange(address, body, self._sending.patience)
        except TimeoutError:
            raise OfficeSilent("office {} did not answer within {} s".format(office, self._sending.patience)) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TransmissionError(f"office {office} can not be reached ({reason})") from error
        if seconds > self._sending.slow:
            log.warning("W12 office %s was slow: %.1f s", office, seconds)
        if reply.startswith("NAK"):
            raise OfficeRefused(f"office {office} refused message {message}: {reply[3:].strip()}")
        return reply

    def drain(self, spool: Spool) -> dict[str, str]:
        """Send what waits; replies by the names of messages. What can't be sent stays, with one more try."""
        replies: dict[str, str] = {}
        for waiting in list(spool.entries()):
            reply = self._attempt(waiting, spool)
            if reply is not None:
                replies[waiting.name] = reply
        return replies

    def _attempt(self, waiting: Waiting, spool: Spool) -> str | None:
        try:
            reply = self.send(waiting.office, waiting.name, waiting.body)
        except TransmissionError:
            spool.put(replace(waiting, tries=waiting.tries + 1))
            return None
        spool.drop(waiting.name)
        return reply
