"""How much one suite of tasks changed between two nights: an exact test within each task, and an interval for the mean change."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, gcd, lcm, sqrt

import msgspec

from harness.metrics.statistics.tally import Tally

CONFIDENCE = 0.95
DRAWS = 10_000
SEED = 20_240_617
LONGEST = 200_000_000
"""Steps of the exact sum (cells times outcomes) up to which it is taken: a quarter of a second. Only attempts of many different numbers come beyond."""
NEAR = 1e-9
"""Sums of floats that are equal on paper differ by less than this, and must count as equal."""
PSEUDO = 2.0
"""Half a squared normal quantile: as many trials in doubt are added to either night (one that rises, one that falls), as Agresti and Caffo do."""


class Change(msgspec.Struct, frozen=True):
    """now - before as the mean over tasks, -1..1; `low`, `high`: its 95 % interval for this very suite; `tasks`: how many.

    `p_worse`, `p_better`: one-sided; small where the suite got worse, better. `high` is below 0 exactly where p_worse <= 0.025, `low` above 0
    exactly where p_better <= 0.025.
    """

    estimate: float
    low: float
    high: float
    p_worse: float
    p_better: float
    tasks: int


class Pair(msgspec.Struct, frozen=True, order=True):
    """One task on both nights."""

    before: Tally
    now: Tally

    @property
    def passed(self) -> int:
        return self.before.passed + self.now.passed

    @property
    def trials(self) -> int:
        return self.before.decided + self.now.decided

    @property
    def least(self) -> int:
        """The fewest passes that tonight can have got of all that there are."""
        return max(0, self.passed - self.before.decided)

    @property
    def most(self) -> int:
        return min(self.passed, self.now.decided)


def changed(before: Sequence[Tally], now: Sequence[Tally]) -> Change:
    """The change of the mean pass rate of one suite, both nights aligned by task. Raises ValueError for no task or for other lengths.

    The test: under no change, a task's passes fall on its trials of both nights by chance alone, so given their number tonight's share of them
    is hypergeometric; the mean change over tasks is compared with the sum of those. So a flaky task counts by its own noise, and a stable one
    that turns counts fully; three of twenty stable tasks that fell from 3/3 to 0/3 are no chance (p = 1/8000), which a test over the twenty
    differences can't see. It is the exact test for stratified 2 x 2 tables: Birch 1964, JRSS B 26:313-324; Mantel and Haenszel 1959,
    JNCI 22:719-748; with one attempt each it is the exact one-sided McNemar test. Numbers of attempts may differ from task to task and between
    the nights. Exact by convolution, beyond LONGEST by 10,000 seeded draws, p = (1 + hits) / (1 + draws) (Phipson and Smyth 2010, SAGMB 9:39).

    Assumes that attempts of one task on one night are independent of each other. Attempts of both nights may be alike, as with fixed seeds:
    then nights differ less than the test expects, and it is cautious. What touches all trials of a night at once, such as another server,
    is a change to it: it says that the nights differ, not why.

    The interval is for these tasks, not for others like them: bounds where (estimate - x)^2 = z^2 V(x), a score interval (Wilson 1927; Tango 1998,
    Statistics in Medicine 17:891-908), V as in `_bounds`. Covers at least 95 % (docs/statistics.md); more where a change sits in few tasks.
    Refused: the exact interval of a common odds ratio, which has no meaning for tasks that always or never pass, and the bootstrap over tasks,
    which is about other tasks.
    """
    if not before or len(before) != len(now):
        raise ValueError(f"{len(before)} tasks before, {len(now)} now")
    # The order of the tasks must have no effect, not even on rounding or on which draw a task gets.
    pairs = sorted((Pair(old, new) for old, new in zip(before, now, strict=True)), key=_order)
    estimate = sum(pair.now.share - pair.before.share for pair in pairs) / len(pairs)
    worse, better = _tails([pair for pair in pairs if pair.least < pair.most])
    low, high = _agreed(_bounds(pairs, estimate), (worse, better), pairs)
    return Change(estimate, low, high, worse, better, len(pairs))


def _order(pair: Pair) -> tuple[int, ...]:
    return (pair.before.passed, pair.before.decided, pair.now.passed, pair.now.decided)


def _tails(pairs: Sequence[Pair]) -> tuple[float, float]:
    """P(sum <= seen) and P(sum >= seen) of tasks that can come out more than one way; a task that can't says nothing."""
    if not pairs:
        return 1.0, 1.0
    unit = lcm(*(number for pair in pairs for number in (pair.before.decided, pair.now.decided)))
    weights = [unit // pair.before.decided + unit // pair.now.decided for pair in pairs]
    step = gcd(*weights)
    weights = [weight // step for weight in weights]
    cells = 1 + sum(weight * (pair.most - pair.least) for weight, pair in zip(weights, pairs, strict=True))
    outcomes = sum(1 + pair.most - pair.least for pair in pairs)
    return _summed(pairs, weights, cells) if cells * outcomes <= LONGEST else _drawn(pairs)


def _summed(pairs: Sequence[Pair], weights: Sequence[int], cells: int) -> tuple[float, float]:
    """Exact: the table of P(sum) grows by one task at a time. Only sums of probabilities, so nothing cancels."""
    import numpy as np

    table, filled, seen = np.zeros(cells), 1, 0
    table[0] = 1.0
    for pair, weight in zip(pairs, weights, strict=True):
        grown = np.zeros(cells)
        for rise, chance in enumerate(chances(pair.passed, pair.now.decided, pair.before.decided)):
            grown[rise * weight : rise * weight + filled] += chance * table[:filled]
        table, filled = grown, filled + weight * (pair.most - pair.least)
        seen += weight * (pair.now.passed - pair.least)
    return min(1.0, float(table[: seen + 1].sum())), min(1.0, float(table[seen:].sum()))


def chances(passed: int, now: int, before: int) -> list[float]:
    """P(tonight has y of `passed` passes), y from the fewest to the most that it can have, of `now` and `before` trials: hypergeometric."""
    whole = comb(now + before, passed)
    return [comb(now, y) * comb(before, passed - y) / whole for y in range(max(0, passed - before), min(passed, now) + 1)]


def _drawn(pairs: Sequence[Pair]) -> tuple[float, float]:
    import numpy as np

    random = np.random.default_rng(SEED)
    sums, seen = np.zeros(DRAWS), 0.0
    for pair in pairs:
        weight = 1 / pair.before.decided + 1 / pair.now.decided
        sums += weight * random.hypergeometric(pair.passed, pair.trials - pair.passed, pair.now.decided, DRAWS)
        seen += weight * pair.now.passed
    worse, better = int((sums <= seen + NEAR).sum()), int((sums >= seen - NEAR).sum())
    return (1 + worse) / (1 + DRAWS), (1 + better) / (1 + DRAWS)


def _bounds(pairs: Sequence[Pair], estimate: float) -> tuple[float, float]:
    """The widest of three score intervals, each by its own variance V(x) of the mean change at a true change of x.

    `shared`: what the test has at no change, plus the two trials in doubt. It holds a part of the change itself, x^2 / (trials of the task - 1) at
    the least, which is taken off again. `apart`: from each night by itself, where attempts differ, because a night with few of them and more
    noise would hide in what is shared. `unseen`: x (1 - x) per trial, as if every task changed by x: where no task moved at all, what a drop of
    x would have shown (the rule of three, by Wilson's bound).
    """
    normal = _quantile()
    tasks = len(pairs)
    attempts = tasks / sum(pair.trials / (2 * pair.before.decided * pair.now.decided) for pair in pairs)
    doubt = PSEUDO / attempts**2
    shared = (sum(map(_shared, pairs)) + doubt) / tasks**2
    found = [_roots(estimate, normal**2 * shared, 1 + normal**2 / sum(pair.trials - 1 for pair in pairs)), _unseen(estimate, normal**2 / (attempts * tasks))]
    if any(pair.before.decided != pair.now.decided for pair in pairs):
        found.append(_roots(estimate, normal**2 * (sum(map(_apart, pairs)) + doubt) / tasks**2, 1.0))
    return max(-1.0, min(low for low, _ in found)), min(1.0, max(high for _, high in found))


def _shared(pair: Pair) -> float:
    """Variance of the task's change given its passes of both nights: hypergeometric."""
    return pair.passed * (pair.trials - pair.passed) / (pair.before.decided * pair.now.decided * (pair.trials - 1))


def _apart(pair: Pair) -> float:
    """Variance of the task's change from the spread within each night; where a night has one trial, the squared change, whose mean is no smaller."""
    if min(pair.before.decided, pair.now.decided) == 1:
        return (pair.now.share - pair.before.share) ** 2
    return sum(night.share * (1 - night.share) / (night.decided - 1) for night in (pair.before, pair.now))


def _roots(estimate: float, spread: float, lead: float) -> tuple[float, float]:
    """Both x where lead x^2 - 2 estimate x + estimate^2 = spread; the estimate itself where there is none."""
    root = estimate**2 - lead * (estimate**2 - spread)
    half = sqrt(root) if root > 0 else 0.0
    return min(estimate, (estimate - half) / lead), max(estimate, (estimate + half) / lead)


def _unseen(estimate: float, square: float) -> tuple[float, float]:
    """The x with (x - estimate)^2 = square |x| (1 - |x|), the farthest on either side; the estimate itself where there is none."""

    def farthest(value: float) -> float:
        middle = value + square / 2
        root = middle**2 - (1 + square) * value**2
        return max(value, (middle + sqrt(root)) / (1 + square)) if root >= 0 else value

    return -farthest(-estimate), farthest(estimate)


def _agreed(bounds: tuple[float, float], tails: tuple[float, float], pairs: Sequence[Pair]) -> tuple[float, float]:
    """The bounds, with 0 outside exactly where the exact test says so: two answers to one question would be none."""
    low, high = bounds
    worse, better = tails
    beyond = (1 - CONFIDENCE) / 2
    # Half of the smallest change that a single trial can make: outside of 0, and no more than rounding.
    least = 0.5 / (len(pairs) * max(max(pair.before.decided, pair.now.decided) for pair in pairs))
    high = min(high, -least) if worse <= beyond else max(high, 0.0)
    low = max(low, least) if better <= beyond else min(low, 0.0)
    return low, high


def _quantile() -> float:
    from scipy.special import ndtri  # type: ignore[import-untyped]

    return float(ndtri(0.5 + CONFIDENCE / 2))
