"""Logging in to an outstation."""

from __future__ import annotations

from typing import TypeVar

from sluice.errors import DeviceRefused, LinkClosed, LoginRefused, MessageError
from sluice.model.stations import Station
from sluice.transport.deadlines import Deadline
from sluice.transport.framing import FramedLink
from sluice.wire.checksum import proof
from sluice.wire.messages import Challenge, Hello, Message, Proof, Refused, Welcome, decode

VERSION = 3
M = TypeVar("M", bound=Message)


def login(framed: FramedLink, station: Station, timeout: float) -> Welcome:
    """Say who we want, prove that we know the secret, be welcomed; ``timeout`` is for all of it.

    Raises LoginRefused when the outstation does not want us, LinkTimeout or LinkClosed when the line fails.
    """
    deadline = Deadline(timeout)
    challenge = _ask(framed, Hello(station.name, VERSION), Challenge, 0, deadline)
    digest = proof(station.secret, challenge.nonce, station.name)
    try:
        welcome = _ask(framed, Proof(digest), Welcome, 1, deadline)
    except DeviceRefused as error:
        raise LoginRefused(f"{station.name} does not accept our secret: {error.text}") from None
    except LinkClosed:
        raise LoginRefused(f"{station.name} hung up on our secret") from None
    if station.model and welcome.model != station.model:
        raise LoginRefused(f"{station.name} is a {welcome.model}, the configuration says {station.model}")
    return welcome


def _ask(framed: FramedLink, message: Message, expected: type[M], sequence: int, deadline: Deadline) -> M:
    framed.send_frame(message.frame(sequence), deadline.require("logging in"))
    answer = decode(framed.receive_frame(deadline.require("logging in")))
    if isinstance(answer, Refused):
        raise DeviceRefused(answer.code, answer.text)
    if not isinstance(answer, expected):
        raise MessageError(f"{framed.peer} answered a {type(message).__name__} with a {type(answer).__name__}")
    return answer
