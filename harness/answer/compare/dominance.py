"""Which side of a pair another one beats in cost or time: by the word, and by amounts that are told apart from noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from harness.answer.compare.comparison import Word
from harness.answer.compare.figures import Figures
from harness.answer.compare.pair import Pair
from harness.answer.compare.word import SHOWN
from harness.metrics.row import Row
from harness.metrics.statistics.signs import sign_flip
from harness.report import splits

LEAST: Final = 0.05
"""The share by which an amount must be smaller to be worth a word."""
NO_BETTER: Final[Mapping[Word, tuple[int, ...]]] = {"equal": (0, 1), "worse": (0,), "better": (1,)}
"""By the word of A against B: which of both is no better than the other. Where nothing is decided nobody is beaten."""


def dominated(sides: tuple[Figures, Figures], pair: Pair, word: Word) -> tuple[Figures, Figures]:
    """Both with what they are beaten in.

    A side is beaten where the word says that it is no better, and the other takes at least 5 % less per trial, and a sign-flip test over the
    tasks (the difference of their mean amounts, p < 0.05) tells the amounts apart. Tasks without an amount on both sides are passed over.
    """
    lost: tuple[list[str], list[str]] = ([], [])
    for name, amount in (("cost", _price), ("time", splits.seconds)):
        more = _more(pair, amount)
        if more is not None and more in NO_BETTER.get(word, ()):
            lost[more].append(name)
    one, other = (msgspec.structs.replace(side, dominated=tuple(names)) for side, names in zip(sides, lost, strict=True))
    return one, other


def _price(row: Row) -> float | None:
    return row.cost_usd


def _more(pair: Pair, amount: Callable[[Row], float | None]) -> int | None:
    """Which side takes more for certain: 0 for A, 1 for B, None for neither."""
    one, other = _means(pair.a.rows, amount), _means(pair.b.rows, amount)
    apart = [one[task] - other[task] for task in pair.common if task in one and task in other]
    if not any(apart):
        return None
    means = [sum(held[task] for task in pair.common if task in one and task in other) for held in (one, other)]
    more = int(means[1] > means[0])
    widest = max(map(abs, apart))
    certain = sign_flip([each / widest for each in apart]) < SHOWN
    return more if certain and means[1 - more] <= (1 - LEAST) * means[more] else None


def _means(rows: Sequence[Row], amount: Callable[[Row], float | None]) -> dict[str, float]:
    """Task -> its mean over decided trials."""
    found: dict[str, list[float]] = {}
    for row in rows:
        value = amount(row) if row.outcome in ("passed", "failed") else None
        if value is not None:
            found.setdefault(row.task, []).append(value)
    return {task: sum(held) / len(held) for task, held in found.items()}
