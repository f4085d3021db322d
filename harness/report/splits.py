"""Where time and money of some trials went, how fast their tokens came, and how their sizes spread by outcome."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

import msgspec

from harness.core.facts import played
from harness.core.trial import Outcome
from harness.metrics.row import Row


class Spread(msgspec.Struct, frozen=True):
    """Quartiles of one figure over `n` trials (inclusive method: the least and the largest are the ends)."""

    n: int
    least: float
    q1: float
    median: float
    q3: float
    largest: float


class ByOutcome(msgspec.Struct, frozen=True):
    """Sizes of the trials that ended so. `seconds`: model, tools and harness; no waiting, no grading. `tokens`: in and out.

    `fill`: the largest prompt as a share of the window, over the trials where both are told.
    """

    outcome: str
    n: int
    turns: Spread
    tokens: Spread
    seconds: Spread
    fill: Spread | None


class TimeSplit(msgspec.Struct, frozen=True):
    """Seconds, summed over trials. `model_other`: model time that the server did not tell apart into prefill and decode."""

    prefill: float
    decode: float
    model_other: float
    tool: float
    harness: float
    waiting: float
    grading: float

    @property
    def total(self) -> float:
        return self.prefill + self.decode + self.model_other + self.tool + self.harness + self.waiting + self.grading


class CostSplit(msgspec.Struct, frozen=True):
    """USD, summed over the `priced` trials. `per_pass`: all that was paid over passed trials; None without one."""

    priced: int
    input: float
    cache_read: float
    cache_write: float
    output: float
    lost: float
    total: float
    per_pass: float | None


class Speed(msgspec.Struct, frozen=True):
    """Tokens per second. `prefill` and `decode` by the server's own clock, None where it tells none.

    `prefill` counts prompt tokens that no cache was told of: a server that hides its cache seems faster than it is.
    `overall`: output tokens over all the time the model was waited for.
    """

    prefill: float | None
    decode: float | None
    overall: float | None


def spread(figures: Iterable[float]) -> Spread | None:
    """None for no figures."""
    known = sorted(map(float, figures))
    if not known:
        return None
    q1, median, q3 = statistics.quantiles(known, n=4, method="inclusive") if len(known) > 1 else known * 3
    return Spread(len(known), known[0], q1, median, q3, known[-1])


def seconds(row: Row) -> float:
    """Of model, tools and harness, the opening of machine and model with it; no waiting, no grading."""
    return row.seconds.model + row.seconds.tool + row.seconds.harness


def tokens(row: Row) -> int:
    return row.tokens.input + row.tokens.out


def fill(row: Row) -> float | None:
    """The fullest that the window was at any turn, 0..1; None where prompt or window is not told."""
    return row.peak_prompt / row.window.granted if row.peak_prompt is not None and row.window.granted else None


def by_outcome(rows: Sequence[Row]) -> tuple[ByOutcome, ...]:
    """Each outcome that a trial reached, in the order of the counts; pending trials have no size yet."""
    told = []
    for outcome in (each.value for each in Outcome if each is not Outcome.PENDING):
        chosen = [row for row in rows if row.outcome == outcome]
        turns, size, time = (spread(map(figure, chosen)) for figure in (_turns, tokens, seconds))
        if turns and size and time:
            told.append(ByOutcome(outcome, len(chosen), turns, size, time, spread(each for each in map(fill, chosen) if each is not None)))
    return tuple(told)


def _turns(row: Row) -> int:
    return row.turns


def time_split(rows: Sequence[Row]) -> TimeSplit:
    """Of all trials that began, whatever became of them."""
    prefill = sum(row.seconds.prefill or 0.0 for row in rows)
    decode = sum(row.seconds.decode or 0.0 for row in rows)
    model = sum(row.seconds.model for row in rows)

    def summed(figure: Callable[[Row], float]) -> float:
        return sum(map(figure, rows))

    return TimeSplit(
        prefill, decode, max(0.0, model - prefill - decode), summed(lambda row: row.seconds.tool),
        summed(lambda row: row.seconds.harness), summed(lambda row: row.seconds.waiting), summed(lambda row: row.seconds.grading),
    )  # fmt: skip


def cost_split(rows: Sequence[Row]) -> CostSplit | None:
    """None where no trial has a price: a local model's price is unknown, not 0."""
    paid = [row.money for row in rows if row.money is not None]
    if not paid:
        return None
    total = sum(each.total for each in paid)
    passed = sum(row.outcome == "passed" for row in rows if row.money is not None)
    return CostSplit(
        len(paid), sum(each.input for each in paid), sum(each.cache_read for each in paid), sum(each.cache_write for each in paid),
        sum(each.output for each in paid), sum(each.lost for each in paid), total, total / passed if passed else None,
    )  # fmt: skip


def speed(rows: Sequence[Row]) -> Speed:
    """Ratios of sums, so that long replies count for what they are. A script's pace is that of reading a file, and says nothing."""
    rows = [row for row in rows if not played(row.model)]
    filled = [row for row in rows if row.seconds.prefill]
    wrote = [row for row in rows if row.seconds.decode]
    return Speed(
        _ratio(sum(row.tokens.input - row.tokens.cached for row in filled), sum(row.seconds.prefill or 0.0 for row in filled)),
        _ratio(sum(row.tokens.out for row in wrote), sum(row.seconds.decode or 0.0 for row in wrote)),
        _ratio(sum(row.tokens.out for row in rows), sum(row.seconds.model for row in rows)),
    )


def _ratio(tokens: float, time: float) -> float | None:
    return tokens / time if time > 0 and tokens > 0 else None
