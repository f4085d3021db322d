"""The answer to "can A replace B?": a word said of A against B, the figures behind it, and every doubt about it."""

from __future__ import annotations

from typing import Literal

import msgspec

from harness.answer.compare.figures import Figures, TaskPair
from harness.answer.side import Who
from harness.metrics.statistics.differences import Difference
from harness.metrics.statistics.equivalence import Equivalence
from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.sequential import Look

Word = Literal["equal", "worse", "better", "undecided", ""]
"""Of A against B; "equal" is equal within the margin; "" where no word may be said."""


class Case(msgspec.Struct, frozen=True):
    """Had the doubtful trials (broken, disputed, suspicious) ended otherwise. "best": those of A passed and those of B failed; "worst": the other way."""

    name: Literal["best", "worst"]
    difference: Difference | Look
    word: Word


class Comparison(msgspec.Struct, frozen=True):
    """A against B on the tasks that both met. Differences are A minus B in -1..1 over `tasks`.

    `regime`: the windows in words, such as "equal window 32,768". `difference` and `equivalence`: the fixed-number method; None where no task
    is decided on both sides, and where `look` (the sequential method, asked for with --sequential) holds the word instead.
    `p_holm`: the difference's p, adjusted for all comparisons of the answer; None where there is one. `sentence`: word, figure and doubt in one.
    `doubts`: sentences that weaken the word or forbid it; `told`: sentences that a reader should know; `accepted`: what differs and was accepted.
    `cases`: () where no trial is doubtful. `further`: more tasks that would decide, None where none are needed or nobody can say.
    `only_a`, `only_b`: tasks that one side solves at least once and the other never. `reasons`: (reason, trials of A, of B) that did not pass.
    """

    regime: str
    a: Figures
    b: Figures
    tasks: tuple[TaskPair, ...]
    difference: Difference | None
    equivalence: Equivalence | None
    look: Look | None
    word: Word
    sentence: str
    doubts: tuple[str, ...]
    cases: tuple[Case, ...]
    further: int | None
    only_a: tuple[TaskPair, ...]
    only_b: tuple[TaskPair, ...]
    reasons: tuple[tuple[str, int, int], ...]
    accepted: tuple[str, ...]
    told: tuple[str, ...]
    p_holm: float | None


class Rank(msgspec.Struct, frozen=True):
    """`rank`: 1 + how many of its section are proven better; `to`: the last place that is not excluded. Sides nobody told apart share a rank.

    `regime` and `runs` name the section.
    """

    who: Who
    rank: int
    to: int
    rate: float | None
    interval: Interval | None
    runs: tuple[str, ...]
    regime: str


class Answer(msgspec.Struct, frozen=True):
    """`margin`: the difference that matters, 0..1. `ranks`: () for a single pair. `k`: attempts that pass^k is told of. `told`: of the whole question."""

    margin: float
    comparisons: tuple[Comparison, ...]
    ranks: tuple[Rank, ...]
    k: int = 1
    sequential: bool = False
    told: tuple[str, ...] = ()
