"""Figures of context as people read them; text and page say them alike."""

from __future__ import annotations

import math

from harness.metrics.statistics.clusters import Estimate
from harness.metrics.statistics.floors import Rate


def per_hundred(told: Rate) -> str:
    """Per 100 with its interval; a dash under the floor, where the count stands alone."""
    return "-" if told.rate is None else interval(told.rate, 100)


def interval(told: Estimate, times: float = 1.0, digits: int = 1) -> str:
    """A figure with its bounds; an open bound is "..."."""
    return f"{told.value * times:,.{digits}f} ({bound(told.low * times, digits)} to {bound(told.high * times, digits)})"


def bound(figure: float, digits: int = 1) -> str:
    return f"{figure:,.{digits}f}" if math.isfinite(figure) else "..."


def share_of(told: Rate, what: str = "opportunities") -> str:
    """Hits of how many, of how many tasks, and why there is no rate."""
    count = f"{told.hits:,} of {told.opportunities:,} {what}, {told.tasks} {'task' if told.tasks == 1 else 'tasks'}"
    return f"{count}: {per_hundred(told)} per 100" if told.rate else f"{count}; no rate: {told.lacking}"


def tokens(figure: float | None) -> str:
    """An amount of tokens, short."""
    if figure is None:
        return "-"
    return f"{figure / 1000:.0f}k" if figure >= 10_000 else f"{figure / 1000:.1f}k" if figure >= 1000 else f"{figure:.0f}"
