"""Names of single points: never beyond their level of error, as often right as is told, and the exact test behind them is the published one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.stats import barnard_exact, binom

from harness.core.findings import Mechanism
from harness.metrics.statistics.attribution import Point
from harness.metrics.statistics.mechanisms import ENOUGH, decided, more, named
from harness.metrics.statistics.unconditional import beyond


def point(full: tuple[int, int], fresh: tuple[int, int]) -> Point:
    arms = {arm: (True,) * failed + (False,) * (of - failed) for arm, (failed, of) in (("full", full), ("fresh", fresh))}
    return Point("t", arms, visible=True)


def wald(n: int, m: int) -> np.ndarray:
    """Barnard's usual order: the difference by its pooled standard error."""
    f, g = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    share = (f + g) / (n + m)
    error = np.sqrt(share * (1 - share) * (1 / n + 1 / m))
    return np.divide(f / n - g / m, error, out=np.zeros(f.shape), where=error > 0)


@pytest.mark.parametrize(("n", "m"), [(4, 4), (8, 5), (3, 8)])
def test_the_exact_test_is_barnards(n: int, m: int) -> None:
    """Ordered as the reference orders, every outcome above chance has its p, but for the rates between those tried."""
    found, order = beyond(wald(n, m)), wald(n, m)
    for f, g in itertools.product(range(n + 1), range(m + 1)):
        if order[f, g] > 0:
            assert found[f, g] == pytest.approx(barnard_exact([[f, g], [n - f, m - g]], alternative="greater").pvalue, abs=2e-3)


@pytest.mark.parametrize("rolls", [2, 3, 4, 5, 8])
def test_what_is_not_the_contexts_is_hardly_ever_called_so(rolls: int) -> None:
    """At any rate common to both views no more than 5 points of 100, by every outcome weighed."""
    lost = np.array([[more((f, rolls), (g, rolls)) for g in range(rolls + 1)] for f in range(rolls + 1)])
    for rate in np.linspace(0.01, 0.99, 50):
        chances = binom.pmf(np.arange(rolls + 1), rolls, rate)
        assert chances @ lost @ chances <= 0.0501


@pytest.mark.parametrize("rolls", [3, 4, 8])
def test_how_often_a_name_is_right_is_told_exactly(rolls: int) -> None:
    """`named` is the sum over all outcomes of what `decided` says of them."""
    told = {
        (f, g): decided(point((f, rolls), (g, rolls))).mechanism for f, g in itertools.product(range(rolls + 1), repeat=2)
    }
    often, seldom = (binom.pmf(np.arange(rolls + 1), rolls, rate) for rate in (0.9, 0.1))
    context = sum(often[f] * seldom[g] for (f, g), name in told.items() if name is Mechanism.RETENTION)
    other = sum(often[f] * often[g] for (f, g), name in told.items() if name is Mechanism.NOT_CONTEXT)
    assert named(rolls, 0.9, 0.1) == pytest.approx((context, other))


def test_eight_re_rolls_are_enough_and_four_are_not() -> None:
    """19 of 20 clear points are named from ENOUGH on; with four the fewer of those that are not the context's."""
    assert min(named(ENOUGH)) >= 0.95
    assert named(4)[0] >= 0.94
    assert named(4)[1] < 0.85


def test_arms_with_other_numbers_of_re_rolls_are_held_together() -> None:
    """Re-rolls without an opportunity are missing on one side only."""
    assert decided(point((7, 8), (0, 3))).mechanism is Mechanism.RETENTION
    assert decided(point((2, 2), (0, 1))).mechanism is Mechanism.UNDECIDED


@pytest.mark.parametrize("full", [1, 2])
def test_a_fresh_view_that_never_fails_does_not_fail_as_often(full: int) -> None:
    """A weak loss is undecided and not called something else: so seldom as this nothing lies 35 points apart."""
    assert decided(point((full, 8), (0, 8))).mechanism is Mechanism.UNDECIDED
    assert decided(point((full, 8), (full, 8))).mechanism is Mechanism.NOT_CONTEXT
