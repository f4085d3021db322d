"""Everything that pawdesk raises on purpose."""

from __future__ import annotations


class PawdeskError(Exception):
    """The base of all errors that a user can do something about."""


class NotFound(PawdeskError, LookupError):
    """A document, a file or a service that is not there."""

    def __init__(self, kind: str, name: object) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class NotOpen(PawdeskError, RuntimeError):
    """Something needs an open practice and there is none."""


class Refused(PawdeskError, ValueError):
    """A request that the rules of the practice do not allow."""


class Conflict(Refused):
    """Two things at the same time in the same place."""


class OutOfStock(Refused):
    """More is wanted than there is."""

    def __init__(self, medicine: str, wanted: object, there: object) -> None:
        super().__init__(f"{medicine}: {wanted} wanted, {there} in stock")
        self.medicine = medicine


class Declined(PawdeskError):
    """The card terminal said no."""


class BrokenChain(PawdeskError):
    """The journal does not add up: an entry was changed, taken out or put in."""

    def __init__(self, number: int) -> None:
        super().__init__(f"journal entry {number} does not fit the one before it")
        self.number = number
