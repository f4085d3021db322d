"""How many further tasks would decide what is undecided: the shipped tests over simulated continuations of the tasks seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import sqrt
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
    """Tasks seen, and what all tasks may be like.

    `values`: differences that tasks may have, -1..1; `sizes`: the same in whole steps; `counts`: of the tasks seen. `weights`: RUNS rows of
    shares, adding to 1: drawn about the ones seen (Bayesian bootstrap, Rubin 1981, Annals of Statistics 9:130-134), because what was seen is
    not the truth; one task more than were seen is taken to differ by the smallest step seen, half each way: what no task showed yet is not impossible.
    """

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

    `differences`: one per task so far, -1..1. The larger of two forecasts, each of which alone promises too much somewhere: a simulation with
    the shipped tests (`signs.sign_flip`, `equivalence.equivalent`) of the tasks so far and further ones together, drawn from those seen
    (`Course`), which knows what the tests ask of few and odd differences; and `_normal`, which knows how little few tasks tell of the spread.
    Where all tasks are alike nothing is known of any spread: then it is the number that decides if all further ones are like them, too (`alike`).
    None for fewer than two tasks and beyond 10,000. It holds for one further look; to look again and again is for `sequential.watched`.
    Raises ValueError for a margin that is no rate.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin {margin}: expected a rate above 0 and below 1")
    if len(differences) < 2:
        return None
    least = 1 if alike(differences) else _normal(differences, margin)
    return None if least is None else _simulated(_course(differences, margin), least)


def _simulated(course: Course, least: int) -> int | None:
    """The first number from `least` on, by doubling and halving."""
    low, high = least - 1, least
    while course.decided(high) < WANTED:
        if high >= MANY:
            return None
        low, high = high, min(MANY, 2 * high)
    while high - low > max(1, NEAR * high):
        middle = (low + high) // 2
        low, high = (low, middle) if course.decided(middle) >= WANTED else (middle, high)
    return high


def _normal(differences: Sequence[float], margin: float) -> int | None:
    """Predictive power (Spiegelhalter, Abrams and Myles 2004, Bayesian Approaches to Clinical Trials and Health-Care Evaluation).

    The mean over all tasks is foreseen as normal about the one seen, with what is unknown of the true mean and what chance the new tasks
    bring; the spread is taken at the upper end of what is likely (80 %), because a few tasks alike by chance would promise too much.
    """
    import numpy as np
    from scipy.special import chdtri  # type: ignore[import-untyped]

    tasks, ordered = len(differences), sorted(differences)
    mean = sum(ordered) / tasks
    spread = sqrt(sum((each - mean) ** 2 for each in ordered) / float(chdtri(tasks - 1, WANTED)))
    reached = np.flatnonzero(_foreseen(mean, spread, tasks, margin) >= WANTED)
    return int(reached[0]) + 1 if reached.size else None


def _foreseen(mean: float, spread: float, tasks: int, margin: float) -> Floats:
    """The chance of a decision after 1, 2, ... MANY further tasks."""
    import numpy as np
    from scipy.special import ndtr

    more = np.arange(1, MANY + 1)
    every = tasks + more
    unknown = spread * np.sqrt(more / (tasks * every))
    # A mean so far from 0 is a difference shown; one so near is a difference within the margin shown.
    far = 1.96 * spread / np.sqrt(every - 1.96**2) if tasks > 3 else np.full(MANY, 2.0)
    near = np.maximum(0.0, margin - 1.645 * spread / np.sqrt(every))
    outside = ndtr((mean - far) / unknown) + ndtr((-mean - far) / unknown)
    inside = ndtr((near - mean) / unknown) - ndtr((-near - mean) / unknown)
    found: Floats = np.where(near >= far, 1.0, outside + inside)
    return found


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
