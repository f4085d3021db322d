"""Statistics over many quantities; each result is in the unit of the first one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from math import fsum, sqrt

from stationlog.quantity import Quantity

SECONDS_PER_HOUR = 3600.0


def _numbers(quantities: Sequence[Quantity]) -> list[float]:
    if not quantities:
        raise ValueError("no quantities to work on")
    return [each.to(quantities[0].unit).value for each in quantities]


def mean(quantities: Sequence[Quantity]) -> Quantity:
    """The arithmetic mean."""
    numbers = _numbers(quantities)
    return Quantity(fsum(numbers) / len(numbers), quantities[0].unit)


def lowest(quantities: Sequence[Quantity]) -> Quantity:
    """The smallest."""
    return Quantity(min(_numbers(quantities)), quantities[0].unit)


def highest(quantities: Sequence[Quantity]) -> Quantity:
    """The largest."""
    return Quantity(max(_numbers(quantities)), quantities[0].unit)


def spread(quantities: Sequence[Quantity]) -> Quantity:
    """How far the largest lies above the smallest."""
    return highest(quantities) - lowest(quantities)


def deviation(quantities: Sequence[Quantity]) -> Quantity:
    """The standard deviation (of the population)."""
    numbers = _numbers(quantities)
    middle = fsum(numbers) / len(numbers)
    return Quantity(sqrt(fsum((each - middle) ** 2 for each in numbers) / len(numbers)), quantities[0].unit)


def changes(points: Sequence[tuple[datetime, Quantity]]) -> list[tuple[datetime, Quantity]]:
    """The change per hour from each point to the next, stamped with the later moment."""
    found = []
    for (before, old), (after, new) in pairwise(points):
        hours = (after - before).total_seconds() / SECONDS_PER_HOUR
        if hours > 0:
            rate = (new.to(old.unit).value - old.value) / hours
            found.append((after, Quantity(rate, old.unit)))
    return found


def steepest_change(points: Sequence[tuple[datetime, Quantity]]) -> Quantity | None:
    """The change per hour of the largest size, with its sign; None with fewer than two points."""
    rates = [rate for _, rate in changes(points)]
    return max(rates, key=lambda rate: abs(rate.value), default=None)
