"""Exact figures of counts: bounds of a share, tests against a claim and between two counts, and the counts a published percentage allows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, exp, floor, lgamma, log, log1p
from typing import Literal

from harness.metrics.statistics.intervals import CONFIDENCE, Interval

Side = Literal["two", "less", "greater"]
TIED = 10**7
"""Outcomes that differ in probability by less than one part in this count as equally likely in a two-sided test, as R and scipy have it."""


def clopper_pearson(passed: int, trials: int) -> Interval:
    """Exact 95 % interval of a share: never below 95 %, often above. Clopper and Pearson 1934, Biometrika 26:404-413.

    Assumes independent trials of equal chance; where the chances differ from task to task and the tasks are the very ones asked about, it is
    more cautious still (Hoeffding 1956). Raises ValueError unless 0 <= passed <= trials and trials >= 1.
    """
    _lawful(passed, trials)
    from scipy.special import betaincinv  # type: ignore[import-untyped]

    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(passed, trials - passed + 1, tail)) if passed else 0.0
    high = float(betaincinv(passed + 1, trials - passed, 1 - tail)) if passed < trials else 1.0
    return Interval(low, high, "Clopper-Pearson", trials)


def binomial(passed: int, trials: int, claimed: float, side: Side = "two") -> float:
    """The p value of the hypothesis that each trial passes with the chance `claimed` (0..1): the exact binomial test.

    `less`: P(at most as many passed), small where the claim is too high. `two`: all outcomes no more likely than the one seen.
    Raises ValueError for unlawful counts, or a claim that is no share.
    """
    _lawful(passed, trials)
    if not 0 <= claimed <= 1:
        raise ValueError(f"claimed {claimed}: expected a share from 0 to 1")
    return _tail({k: _binomial_weight(k, trials, claimed) for k in range(trials + 1)}, passed, side)


def fisher(passed_a: int, n_a: int, passed_b: int, n_b: int, side: Side = "two") -> float:
    """The p value of the hypothesis that both counts come from one chance of passing: Fisher's exact test (1934), given the sum of passed trials.

    `less`: small where a passes less often than b. `two`: all tables no more likely than the one seen. Raises ValueError for unlawful counts.
    """
    _lawful(passed_a, n_a)
    _lawful(passed_b, n_b)
    both = passed_a + passed_b
    logarithms = {a: _ways(n_a, a) + _ways(n_b, both - a) for a in range(max(0, both - n_b), min(n_a, both) + 1)}
    most = max(logarithms.values())
    return _tail({a: exp(each - most) for a, each in logarithms.items()}, passed_a, side)


def rounds_to(value_percent: float | Decimal, decimals: int, tasks: int, attempts: int) -> tuple[int, ...]:
    """The numbers of passed trials, of tasks x attempts, whose percentage rounds to the published one; () where none does.

    The GRIM check of Brown and Heathers 2017, Social Psychological and Personality Science 8:363-369. A figure half-way between two roundings
    counts for both, because nobody knows which rule was used. A figure of more than fifteen digits is given as Decimal.
    Raises ValueError for no trial, negative decimals or no percentage.
    """
    trials = tasks * attempts
    if tasks < 1 or attempts < 1 or decimals < 0 or not 0 <= value_percent <= 100:
        raise ValueError(f"{value_percent} % with {decimals} decimals of {tasks} tasks x {attempts} attempts")
    told, half = Fraction(Decimal(f"{value_percent:.{decimals}f}")), Fraction(1, 2 * 10**decimals)
    low, high = (told - half) * trials / 100, (told + half) * trials / 100
    return tuple(range(max(0, ceil(low)), min(trials, floor(high)) + 1))


def _binomial_weight(passed: int, trials: int, chance: float) -> float:
    """In logarithms, because a count of thousands of trials leaves the floats."""
    if chance in (0.0, 1.0):
        return float(passed == trials * chance)
    return exp(_ways(trials, passed) + passed * log(chance) + (trials - passed) * log1p(-chance))


def _ways(trials: int, passed: int) -> float:
    """The logarithm of how many ways there are to pass so many."""
    return lgamma(trials + 1) - lgamma(passed + 1) - lgamma(trials - passed + 1)


def _tail(weights: dict[int, float], seen: int, side: Side) -> float:
    """The share of the weights that is as far out as the one seen."""
    kept = {
        "two": [each for each in weights.values() if each * TIED <= weights[seen] * (TIED + 1)],
        "less": [each for k, each in weights.items() if k <= seen],
        "greater": [each for k, each in weights.items() if k >= seen],
    }[side]
    return min(1.0, sum(kept) / sum(weights.values()))


def _lawful(passed: int, trials: int) -> None:
    if not (trials >= 1 and 0 <= passed <= trials):
        raise ValueError(f"{passed} passed of {trials} trials")
