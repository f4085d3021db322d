"""Which word the figures give of A against B: equal, worse, better or undecided. Whether it may be said is for `doubts`."""

from __future__ import annotations

from harness.answer.compare.comparison import Word
from harness.metrics.statistics.differences import Difference
from harness.metrics.statistics.equivalence import Equivalence
from harness.metrics.statistics.sequential import Look

SHOWN = 0.05


def fixed(difference: Difference, equivalence: Equivalence, p: float) -> Word:
    """For a number of tasks that was settled beforehand. `p`: of no difference, adjusted where several are asked at once.

    Equal first: a difference that is proven and yet smaller than what matters does not make a model worse.
    """
    if equivalence.holds:
        return "equal"
    if p < SHOWN:
        return "better" if difference.estimate > 0 else "worse"
    return "undecided"


def watching(look: Look, margin: float) -> Word:
    """For whoever looks at every task: the bounds hold at all looks at once, so may be read as often as one likes."""
    if -margin < look.low and look.high < margin:
        return "equal"
    return "better" if look.low > 0 else "worse" if look.high < 0 else "undecided"
