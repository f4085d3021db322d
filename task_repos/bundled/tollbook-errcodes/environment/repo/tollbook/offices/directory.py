"""Customs offices by their codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tollbook.errors import OfficeClosed, TransmissionError


@dataclass(frozen=True)
class Office:
    """`opens` and `closes` are full hours; an office with equal ones never closes; `version` is that of its messages."""

    code: str
    name: str
    country: str
    opens: int = 0
    closes: int = 0
    version: int = 2

    def is_open(self, moment: datetime) -> bool:
        """Whether messages are taken; none are on Sundays, but where an office never closes."""
        if self.opens == self.closes:
            return True
        return moment.weekday() != 6 and self.opens <= moment.hour < self.closes


class Directory:
    """Offices and their addresses."""

    def __init__(self, offices: tuple[Office, ...], addresses: dict[str, str]) -> None:
        self._offices = {each.code: each for each in offices}
        self._addresses = addresses

    def office(self, code: str) -> Office:
        """The office of a code."""
        office = self._offices.get(code)
        if office is None:
            raise TransmissionError(f"office {code} can not be reached (unknown)")
        return office

    def address(self, code: str, moment: datetime) -> str:
        """Where to send a message for an office that is open."""
        office = self.office(code)
        if not office.is_open(moment):
            raise OfficeClosed(f"office {code} is closed until {office.opens}")
        if code not in self._addresses:
            raise TransmissionError("office {} can not be reached (no address)".format(code))
        return self._addresses[code]

    def nearest(self, country: str) -> list[Office]:
        """Offices of a country in the order of their codes."""
        return sorted((each for each in self._offices.values() if each.country == country), key=lambda each: each.code)
