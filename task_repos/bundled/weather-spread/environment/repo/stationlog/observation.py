"""One reading of one station."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from stationlog.quantity import Quantity

Element = Literal["temperature", "pressure", "wind"]


@dataclass(frozen=True)
class Observation:
    """What a station measured at one moment; a sensor that was silent is None."""

    at: datetime
    temperature: Quantity | None = None
    pressure: Quantity | None = None
    wind: Quantity | None = None


def readings(observations: Iterable[Observation], element: Element) -> list[tuple[datetime, Quantity]]:
    """The moments at which `element` was measured, in order of time."""
    found = ((each.at, getattr(each, element)) for each in observations)
    return sorted(((at, quantity) for at, quantity in found if quantity is not None), key=lambda pair: pair[0])
