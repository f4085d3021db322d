"""One day of a station in a few figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from stationlog.observation import Observation, readings
from stationlog.quantity import Quantity
from stationlog.series import deviation, highest, lowest, mean, spread, steepest_change


@dataclass(frozen=True)
class DaySummary:
    """The temperatures of one day; `departure` is the mean against the normal, `steepest` a change per hour."""

    day: date
    low: Quantity
    high: Quantity
    mean: Quantity
    spread: Quantity
    deviation: Quantity
    departure: Quantity | None = None
    steepest: Quantity | None = None


def summarise(observations: Iterable[Observation], normals: Mapping[int, Quantity] | None = None) -> list[DaySummary]:
    """Sum up each day that has temperatures; `normals` gives the mean to expect by month (1 to 12)."""
    points = readings(observations, "temperature")
    days = groupby(points, key=lambda point: point[0].date())
    return [_summary(day, list(members), (normals or {}).get(day.month)) for day, members in days]


def _summary(day: date, points: list, normal: Quantity | None) -> DaySummary:
    temperatures = [quantity for _, quantity in points]
    average = mean(temperatures)
    return DaySummary(
        day=day,
        low=lowest(temperatures),
        high=highest(temperatures),
        mean=average,
        spread=spread(temperatures),
        deviation=deviation(temperatures),
        departure=None if normal is None else average - normal,
        steepest=steepest_change(points),
    )
