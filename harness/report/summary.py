"""Counts of outcomes, and the few words that every output says alike."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.core.trial import Outcome
from harness.metrics.row import Row

ASKS_NONE = "none"
"""The model's name of an agent that asks none."""


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where there is not just one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


class Counts(msgspec.Struct, frozen=True):
    """Trials. planned = passed + failed + broken + invalid + pending."""

    planned: int
    passed: int
    failed: int
    broken: int
    invalid: int
    pending: int


def counts(rows: Iterable[Row]) -> Counts:
    """Every row is in exactly one of the five."""
    outcomes = [row.outcome for row in rows]
    return Counts(len(outcomes), *(outcomes.count(outcome.value) for outcome in Outcome))


def broken_share(told: Counts) -> float:
    """Broken among passed, failed and broken, 0..1: what is pending or invalid must not make it look small. 0 where none has ended."""
    ended = told.passed + told.failed + told.broken
    return told.broken / ended if ended else 0.0


def who(agent: str, model: str, variant: str = "") -> str:
    """An agent with the model it asks, if it asks one, and its variant, if it has one."""
    return " ".join(filter(None, (agent if model == ASKS_NONE else f"{agent} x {model}", variant)))


def percent(figure: float | None, digits: int = 0) -> str:
    """A share as people read it; "-" for none."""
    return "-" if figure is None else f"{100 * figure:.{digits}f} %"


def counts_line(told: Counts) -> str:
    """Planned = passed + failed + broken + invalid + pending, spelled out."""
    return (
        f"planned {told.planned} = {told.passed} passed + {told.failed} failed + {told.broken} broken"
        f" + {told.invalid} invalid + {told.pending} pending"
    )


def span(low: float | None, high: float | None) -> str:
    """Two shares as people read them."""
    return "-" if low is None or high is None else f"{percent(low)} to {percent(high)}"


def figure(number: float | None, digits: int = 0) -> str:
    """A number with thousands set apart; "-" for none."""
    return "-" if number is None else f"{number:,.{digits}f}"


def dollars(number: float | None) -> str:
    """Money; "-" where no price is known."""
    return "-" if number is None else f"${number:,.2f}"
