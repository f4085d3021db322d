"""A trial's cost cut by what was paid for; the cut adds up to the cost that stops a live agent."""

from __future__ import annotations

import msgspec

from harness.core.chat import Usage
from harness.core.events import ModelOpened, ModelReplied, Trace
from harness.core.facts import Price
from harness.metrics.spend import paid
from harness.metrics.tries import last, of


class Money(msgspec.Struct, frozen=True):
    """USD: prompt tokens paid in full, read from and written to the provider's cache, output; `lost` went into tries that do not count."""

    input: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0
    output: float = 0.0
    lost: float = 0.0

    @property
    def total(self) -> float:
        """All that was paid."""
        return self.input + self.cache_read + self.cache_write + self.output + self.lost


def money(now: Trace, trace: Trace) -> Money | None:
    """`now`: the events that count, `trace`: all of the trial's. None where no price is known: a local model's price is not 0."""
    opened = last(now, ModelOpened) or last(trace, ModelOpened)  # a try may end before it opens the model, and the others were paid for
    if opened is None or opened.facts.price is None:
        return None
    pieces = [_pieces(event.usage, opened.facts.price) for event in of(now, ModelReplied)]
    sums = [sum(column) for column in zip(*pieces, strict=True)] if pieces else [0.0] * 4
    return Money(sums[0], sums[1], sums[2], sums[3], max(0.0, paid(trace) - sum(sums)))


def _pieces(usage: Usage, price: Price) -> tuple[float, float, float, float]:
    """USD of one reply; the pieces of `spend.cost`, which is their sum."""
    read, wrote = usage.cache_read or 0, usage.cache_write or 0
    fresh = max(0, (usage.input_total or 0) - read - wrote)
    return (
        fresh * price.input / 1e6, read * price.cache_read / 1e6, wrote * price.cache_write / 1e6, (usage.output_total or 0) * price.output / 1e6
    )  # fmt: skip
