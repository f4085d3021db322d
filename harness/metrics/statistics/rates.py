"""A pass rate and its 95 % interval: tasks are the sample, and attempts at one task are not independent of each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.metrics.statistics.intervals import Interval, bca, wilson, wilson_effective
from harness.metrics.statistics.tally import Tally

MANY_TASKS = 20
"""From here on the bootstrap is used; docs/statistics.md has how often it holds the truth."""
VARIED_TASKS = 10
"""Where fewer tasks than this differ from the commonest figure, resamples know too little of what else there is: the plain bootstrap held
pass@3 of easy tasks 80 times of 100, and so it is not used there."""


def mean(tallies: Sequence[Tally]) -> float | None:
    """The mean over tasks of each task's share of passed trials: every task weighs the same, however many of its trials broke.

    Equals pass@1. None for no task.
    """
    return sum(tally.share for tally in tallies) / len(tallies) if tallies else None


def interval(tallies: Sequence[Tally]) -> Interval | None:
    """95 % interval of `mean` for tasks drawn from a population of tasks; None for no task.

    One trial for each task: Wilson, with Student's quantile, because his own held the truth 91 times of 100 with ten tasks.
    """
    if not tallies:
        return None
    if all(tally.decided == 1 for tally in tallies):
        return wilson(sum(tally.passed for tally in tallies), len(tallies))
    return clustered([tally.share for tally in tallies], sum(tally.decided for tally in tallies))


def clustered(shares: Sequence[float], trials: float) -> Interval:
    """95 % interval of the mean of one figure in 0..1 per task; `trials`: how many samples they were made of.

    BCa bootstrap over tasks where there are 20 or more and at least ten of them differ from the commonest figure, else Wilson with the
    effective number of trials: the percentile bootstrap is wrong twice as often as it says with ten tasks. Raises ValueError for no task.
    """
    if not shares:
        raise ValueError("no task")
    varied = len(shares) - max(Counter(shares).values())
    found = bca(shares) if len(shares) >= MANY_TASKS and varied >= VARIED_TASKS else None
    return found or wilson_effective(shares, trials)
