"""Two stretches of days against each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from stationlog.present import as_text
from stationlog.quantity import Quantity
from stationlog.series import highest, lowest, mean
from stationlog.summary import DaySummary
from stationlog.units import System


@dataclass(frozen=True)
class Comparison:
    """How a stretch of days differs from an earlier one, each figure as later minus earlier."""

    mean: Quantity
    low: Quantity
    high: Quantity
    spread: Quantity


def compare(later: Sequence[DaySummary], earlier: Sequence[DaySummary]) -> Comparison:
    """Compare two stretches; raises ValueError when one is empty."""
    return Comparison(
        mean=mean([day.mean for day in later]) - mean([day.mean for day in earlier]),
        low=lowest([day.low for day in later]) - lowest([day.low for day in earlier]),
        high=highest([day.high for day in later]) - highest([day.high for day in earlier]),
        spread=mean([day.spread for day in later]) - mean([day.spread for day in earlier]),
    )


def describe(comparison: Comparison, *, system: System = "metric") -> str:
    """One line such as "mean +1.0 °C, low -0.5 °C, high +2.0 °C, spread +2.5 °C"."""
    names = ("mean", "low", "high", "spread")
    return ", ".join(f"{name} {as_text(getattr(comparison, name), system, signed=True)}" for name in names)
