"""pass@k and pass^k without bias: what k fresh attempts at a task would come to, averaged over tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb

import msgspec

from harness.metrics.statistics.intervals import Interval
from harness.metrics.statistics.rates import clustered, interval, mean
from harness.metrics.statistics.tally import Tally


class AtK(msgspec.Struct, frozen=True):
    """Both figures for one k, in 0..1, with their 95 % intervals; None where no task has k decided trials. `tasks`: those that have."""

    k: int
    tasks: int
    pass_at_k: float | None
    pass_at_k_interval: Interval | None
    pass_hat_k: float | None
    pass_hat_k_interval: Interval | None


def pass_at_k(n: int, c: int, k: int) -> float:
    """Probability that at least one of k attempts passes, estimated from c passed of n: 1 - C(n-c, k) / C(n, k).

    The mean over all k-subsets of the n trials, hence unbiased for independent attempts. Chen et al. 2021, "Evaluating Large Language
    Models Trained on Code", arXiv:2107.03374, equation 1. Raises ValueError unless 1 <= k <= n and 0 <= c <= n.
    """
    _lawful(n, c, k)
    return 1 - comb(n - c, k) / comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """Probability that all of k attempts pass (pass^k), estimated from c passed of n: C(c, k) / C(n, k).

    Unbiased as above. Yao et al. 2024, "tau-bench", arXiv:2406.12045, section 3. Raises ValueError unless 1 <= k <= n and 0 <= c <= n.
    """
    _lawful(n, c, k)
    return comb(c, k) / comb(n, k)


def _lawful(n: int, c: int, k: int) -> None:
    if not (1 <= k <= n and 0 <= c <= n):
        raise ValueError(f"k={k} of n={n} with c={c}")


def at_k(tallies: Sequence[Tally], attempts: int) -> tuple[AtK, ...]:
    """For k = 1..attempts: means over the tasks that have at least k decided trials, with intervals over those tasks.

    A task with fewer than k decided trials says nothing of k attempts without bias, so it is left out and `tasks` tells so.
    At k = 1 both are the rate, with its interval.
    """
    return tuple(_of(k, [tally for tally in tallies if tally.decided >= k]) for k in range(1, attempts + 1))


def _of(k: int, tallies: list[Tally]) -> AtK:
    if not tallies:
        return AtK(k, 0, None, None, None, None)
    if k == 1:
        rate, bounds = mean(tallies), interval(tallies)
        return AtK(1, len(tallies), rate, bounds, rate, bounds)
    best, best_interval = _estimate(tallies, k, pass_at_k)
    every, every_interval = _estimate(tallies, k, pass_hat_k)
    return AtK(k, len(tallies), best, best_interval, every, every_interval)


def _estimate(tallies: list[Tally], k: int, figure: Callable[[int, int, int], float]) -> tuple[float, Interval]:
    shares = [figure(tally.decided, tally.passed, k) for tally in tallies]
    # k trials make one sample of "k attempts"; what of them overlaps is no new one.
    samples = sum(tally.decided // k for tally in tallies)
    return sum(shares) / len(shares), clustered(shares, samples)
