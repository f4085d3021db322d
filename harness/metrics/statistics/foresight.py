"""How many further tasks would decide what is undecided: the shipped tests over simulated continuations of the tasks seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from harness.metrics.statistics.lattice import steps
from harness.metrics.statistics.score import SAME

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from harness.metrics.statistics.batches import Counts, Floats

WANTED: Final = 0.80
SEED: Final = 20_240_617
RUNS: Final = 500
"""Simulated continuations: the standard error of 80 % is 1.8 points."""
MANY: Final = 10_000
"""Further tasks beyond which nobody goes: None is the honest word."""
NEAR: Final = 0.03
"""The search ends where the number is known so closely."""
LONGEST: Final = 1_000_000
COARSE: Final = 1_000
"""Steps that make 1 where the figures are no shares of trials."""
SHOWN: Final = 0.05


class Course(msgspec.Struct, frozen=True):
    """`values`: differences that tasks may have; `counts`: of the tasks seen; `weights`: RUNS rows of what shares all tasks may have, adding to 1."""

    values: Floats
    counts: Counts
    weights: Floats
    sizes: Counts
    margin: float

    def decided(self, more: int) -> float:
        """The share of continuations by `more` tasks that the shipped tests decide."""
        import numpy as np

        from harness.metrics.statistics.many import equal, flipped

        drawn = np.random.default_rng((SEED, more)).multinomial(more, self.weights)
        whole = self.counts + drawn
        return float((equal(self.values, whole, self.margin) | (flipped(self.sizes, whole) < SHOWN)).mean())


def further(differences: Sequence[float], margin: float) -> int | None:
    """About how many further tasks would decide with a chance of 80 %: show a difference (two-sided 5 %), or that it lies within `margin`.

    `differences`: one per task so far, -1..1. By simulation with the shipped tests (`signs.sign_flip`, `equivalence.equivalent`) of tasks so
    far and further ones together. Further tasks are drawn from the tasks seen, each run by shares of its own (Bayesian bootstrap, Rubin 1981,
    Annals of Statistics 9:130-134), because what was seen is not the truth; and one task more than were seen is taken to differ by the
    smallest step, half each way, because a difference that no task showed yet is not impossible. Where all tasks are alike nothing is known of
    any spread: then it is the number that decides if all further ones are like them, too.
    None for fewer than two tasks and beyond 10,000. It holds for one further look; to look again and again is for `sequential.watched`.
    Raises ValueError for a margin outside of 0..1.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin {margin}: expected a rate above 0 and below 1")
    if len(differences) < 2:
        return None
    course = _course(differences, margin)
    low, high = 0, 1
    while course.decided(high) < WANTED:
        if high >= MANY:
            return None
        low, high = high, min(MANY, 2 * high)
    while high - low > max(1, NEAR * high):
        middle = (low + high) // 2
        low, high = (low, middle) if course.decided(middle) >= WANTED else (middle, high)
    return high


def alike(differences: Sequence[float]) -> bool:
    """Whether all tasks differ by the same, so that `further` is told of tasks like them."""
    return len({round(float(each), SAME) for each in differences}) == 1


def _course(differences: Sequence[float], margin: float) -> Course:
    import numpy as np

    seen = Counter(round(float(each), SAME) + 0.0 for each in differences)
    # None where all are alike: nothing is known then of how far a task may differ.
    least = min((abs(value) for value in seen if value), default=0.0) if len(seen) > 1 else 0.0
    figures = sorted({*seen, *((least, -least) if least else ())})
    counts = np.array([seen[each] for each in figures])
    floor = np.array([0.5 if least and abs(each) == least else 0.0 for each in figures])
    weights = np.random.default_rng(SEED).dirichlet(counts + floor, RUNS) if least else np.ones((1, 1))
    return Course(np.array(figures), counts, weights, _sizes(figures), margin)


def _sizes(figures: Sequence[float]) -> NDArray[np.int64]:
    """As whole steps."""
    import numpy as np

    found = steps(figures, LONGEST)
    whole = [round(COARSE * each) for each in figures] if found is None else [found[0][each] for each in figures]
    return np.array(whole, dtype=np.int64)
