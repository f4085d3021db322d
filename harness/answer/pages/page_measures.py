"""What the sides of a comparison took for what they passed: one row for each measure, one cell for each side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from harness.answer.compare.figures import Figures
from harness.metrics.statistics.passk import AtK
from harness.report.page_format import NONE, bounds, brief, clock, mean, num, pct, usd


class Measure(msgspec.Struct, frozen=True):
    """`cells`: (figure, what belongs beside it) of each side; `ratio`: of two sides the first to the second; `first`: of a group."""

    name: str
    cells: tuple[tuple[str, str], ...]
    ratio: str = ""
    first: bool = False


def measures(told: Sequence[Figures]) -> tuple[Measure, ...]:
    """Those that any side has a figure for."""
    return tuple(each for each in (*_rates(told), *_amounts(told), _window(told)) if any(figure != NONE for figure, _ in each.cells))


def _rates(told: Sequence[Figures]) -> Iterator[Measure]:
    yield Measure("Pass rate", tuple((pct(each.rate), _told(bounds(each.interval))) for each in told), first=True)
    for k in sorted({at.k for each in told for at in each.at_k if at.k > 1}):
        held = [next((at for at in each.at_k if at.k == k), AtK(k, 0, None, None, None, None)) for each in told]
        yield Measure(f"pass^{k}: all of {k} attempts", tuple((pct(at.pass_hat_k), _told(bounds(at.pass_hat_k_interval))) for at in held))
        yield Measure(f"pass@{k}: one of {k} attempts", tuple((pct(at.pass_at_k), _told(bounds(at.pass_at_k_interval))) for at in held))


def _amounts(told: Sequence[Figures]) -> Iterator[Measure]:
    yield _amount("Turns per trial", [each.turns for each in told], mean, first=True)
    yield _amount("Tokens per trial", [each.tokens for each in told], brief)
    yield _amount("Time per trial", [each.seconds for each in told], clock)
    yield _amount("Cost per trial", [each.cost_per_trial for each in told], usd)
    yield _amount("Tokens per pass", [each.tokens_per_pass for each in told], brief, first=True)
    yield _amount("Time per pass", [each.seconds_per_pass for each in told], clock)
    yield _amount("Cost per pass", [each.cost_per_pass for each in told], usd)
    yield _amount("Cost of all", [each.cost_usd for each in told], usd, first=True)


def _amount(name: str, amounts: Sequence[float | None], form: Callable[[float | None], str], *, first: bool = False) -> Measure:
    return Measure(name, tuple((form(each), "") for each in amounts), _ratio(amounts), first)


def _ratio(amounts: Sequence[float | None]) -> str:
    """Of the second's amount, as a factor."""
    if len(amounts) != 2 or not amounts[0] or not amounts[1]:
        return ""
    factor = amounts[0] / amounts[1]
    return f"{factor:,.0f} ×" if factor >= 9.95 else f"{factor:.1f} ×" if factor >= 0.095 else f"{factor:.2g} ×"


def _window(told: Sequence[Figures]) -> Measure:
    granted = [" or ".join(map(num, each.window)) or NONE for each in told]
    wanted = [f"asked: {', '.join(each.asked)}" if each.asked else "" for each in told]
    return Measure("Window granted", tuple(zip(granted, wanted, strict=True)))


def _told(words: str) -> str:
    return "" if words == NONE else words
