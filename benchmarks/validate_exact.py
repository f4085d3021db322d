"""What the exact figures and the adjustments for several tests promise: the first counted over every outcome, the second simulated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.stats import binom, norm

from benchmarks.validate_draws import generator, table
from harness.metrics.statistics.exact import binomial, clopper_pearson, fisher
from harness.metrics.statistics.several import benjamini_hochberg, holm

TRIALS = (20, 114, 456)
CHANCES = np.arange(0.02, 1, 0.02)
TESTS = 6
"""All pairs of four models."""


def least_coverage(trials: int) -> float:
    bounds = [clopper_pearson(passed, trials) for passed in range(trials + 1)]
    low, high = np.array([each.low for each in bounds]), np.array([each.high for each in bounds])
    return float(min(binom.pmf(np.arange(trials + 1), trials, chance)[(low <= chance) & (chance <= high)].sum() for chance in CHANCES))


def most_alarms(trials: int) -> float:
    """Of the one-sided test of a claim, over claims."""
    found = []
    for chance in CHANCES[4::10]:
        rejected = [passed for passed in range(trials + 1) if binomial(passed, trials, float(chance), "less") <= 0.05]
        found.append(float(binom.pmf(rejected, trials, chance).sum()))
    return max(found)


def most_fisher(trials: int) -> float:
    """Of the one-sided test of two counts of so many trials each, over chances."""
    rejected = np.array([[fisher(a, trials, b, trials, "less") <= 0.05 for b in range(trials + 1)] for a in range(trials + 1)])
    weights = [binom.pmf(np.arange(trials + 1), trials, chance) for chance in CHANCES]
    return float(max(weight @ rejected @ weight for weight in weights))


def several(runs: int, true: int) -> tuple[float, float, float]:
    """Share of runs with a false rejection: unadjusted, by Holm; and the mean share of false ones among Benjamini and Hochberg's.

    `true`: how many of six positively dependent tests (correlation 0.5) have something to find, at three standard errors.
    """
    chance, naive, family, false = generator("several", true), 0, 0, 0.0
    for _ in range(runs):
        scores = np.sqrt(0.5) * chance.normal() + np.sqrt(0.5) * chance.normal(size=TESTS) + np.where(np.arange(TESTS) < true, 3.0, 0.0)
        ps = norm.sf(scores).tolist()
        naive += min(ps[true:]) <= 0.05
        family += min(holm(ps)[true:]) <= 0.05
        found = [index for index, p in enumerate(benjamini_hochberg(ps)) if p <= 0.05]
        false += sum(index >= true for index in found) / max(1, len(found))
    return naive / runs, family / runs, false / runs


def tables(runs: int) -> Iterator[str]:
    rows = [
        [str(trials), f"{100 * least_coverage(trials):.1f}", f"{100 * most_alarms(trials):.1f}", f"{100 * most_fisher(trials):.1f}" if trials < 50 else "-"]
        for trials in TRIALS
    ]
    heads = ["trials", "Clopper-Pearson holds at least, %", "binomial test, one-sided: alarms at most, %", "Fisher, one-sided: alarms at most, %"]
    yield from table("Exact figures, counted over every outcome for 49 chances", heads, rows)
    rows = [[str(true), *(f"{100 * each:.1f}" for each in several(4 * runs, true))] for true in (0, 3)]
    heads = ["of six tests with something to find", "any false alarm unadjusted, %", "by Holm, % (at most 5)", "false share by Benjamini-Hochberg, % (at most 5)"]
    yield from table("Several tests at once", heads, rows)
