"""Trends for people who like curves: moving averages, growth, a forecast, sparklines.

Statistics work in floats on purpose: nothing computed here is money that could be
entered, only the shape of a curve.  Amounts for entries never come from this module.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ledgerlite.book import Book
from ledgerlite.periods import Period
from ledgerlite.queries import by_month

BARS = "▁▂▃▄▅▆▇█"


def monthly_series(book: Book, account: str, period: Period) -> list[float]:
    """Net change per month on the account's natural side."""
    found = by_month(book, account, period)
    kind = book.chart.get(account)
    return [float(kind.natural(value)) for value in found.values()]


def moving_average(series: Sequence[float], width: int) -> list[float]:
    """Mean over the last ``width`` values; the first values average what there is."""
    out = []
    for end in range(1, len(series) + 1):
        window = series[max(0, end - width) : end]
        out.append(sum(window) / len(window))
    return out


def growth(series: Sequence[float]) -> float | None:
    """Compound growth per step from first to last; None when the ends don't allow it."""
    if len(series) < 2 or series[0] <= 0 or series[-1] <= 0:
        return None
    return math.pow(series[-1] / series[0], 1 / (len(series) - 1)) - 1


def forecast(series: Sequence[float], steps: int) -> list[float]:
    """Straight line through the series by least squares, continued."""
    count = len(series)
    if count < 2:
        return list(series[-1:]) * steps
    mean_x, mean_y = (count - 1) / 2, sum(series) / count
    above = sum((x - mean_x) * (y - mean_y) for x, y in enumerate(series))
    slope = above / sum((x - mean_x) ** 2 for x in range(count))
    return [mean_y + slope * (count + step - mean_x) for step in range(steps)]


def sparkline(series: Sequence[float]) -> str:
    """The series as a row of bars, scaled between its extremes."""
    if not series:
        return ""
    low, high = min(series), max(series)
    span = high - low or 1.0
    return "".join(BARS[int((value - low) / span * (len(BARS) - 1))] for value in series)
