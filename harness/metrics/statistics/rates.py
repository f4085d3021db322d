"""A pass rate and its 95 % interval: tasks are the sample, and attempts at one task are not independent of each other."""

from __future__ import annotations

from collections.abc import Sequence

from harness.metrics.statistics.intervals import Interval, bca, wilson, wilson_effective
from harness.metrics.statistics.tally import Tally

MANY_TASKS = 30
"""From here on the bootstrap is used. With 20 hard tasks it held the truth 90 times of 100, from 30 on 95 (docs/statistics.md)."""


def mean(tallies: Sequence[Tally]) -> float | None:
    """The mean over tasks of each task's share of passed trials: every task weighs the same, however many of its trials broke.

    Equals pass@1. None for no task.
    """
    return sum(tally.share for tally in tallies) / len(tallies) if tallies else None


def interval(tallies: Sequence[Tally]) -> Interval | None:
    """95 % interval of `mean` for tasks drawn from a population of tasks; None for no task. One trial for each task: Wilson."""
    if not tallies:
        return None
    if all(tally.decided == 1 for tally in tallies):
        return wilson(sum(tally.passed for tally in tallies), len(tallies))
    return clustered([tally.share for tally in tallies], sum(tally.decided for tally in tallies))


def clustered(shares: Sequence[float], trials: float) -> Interval:
    """95 % interval of the mean of one figure in 0..1 per task; `trials`: how many samples they were made of.

    BCa bootstrap over tasks where there are 30 or more and they differ, else Wilson with the effective number of trials: the percentile
    bootstrap is wrong twice as often as it says with ten tasks. Raises ValueError for no task.
    """
    if not shares:
        raise ValueError("no task")
    found = bca(shares) if len(shares) >= MANY_TASKS else None
    return found or wilson_effective(shares, trials)
