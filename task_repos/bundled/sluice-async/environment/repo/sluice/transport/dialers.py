"""Making links."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence

from sluice.errors import DialError, LinkError
from sluice.model.addresses import Address
from sluice.transport.links import Link, TcpLink


class Dialer(ABC):
    """Knows how to reach addresses."""

    @abstractmethod
    def dial(self, address: Address, timeout: float) -> Link:
        """A fresh link to an address; raises DialError."""


class TcpDialer(Dialer):
    def dial(self, address: Address, timeout: float) -> Link:
        try:
            connection = socket.create_connection((address.host, address.port), timeout)
        except TimeoutError:
            raise DialError(f"{address} did not answer in {timeout:g} s") from None
        except OSError as error:
            raise DialError(f"{address} cannot be reached: {error.strerror or error}") from None
        return TcpLink(connection, str(address))


def dial_first(dialer: Dialer, addresses: Sequence[Address], timeout: float) -> Link:
    """A link to the first address that answers, tried one after another; ``timeout`` is for each of them.

    Raises the DialError of the last address.
    """
    problem: LinkError = DialError("there is no address to dial")
    for address in addresses:
        try:
            return dialer.dial(address, timeout)
        except DialError as error:
            problem = error
    raise problem
