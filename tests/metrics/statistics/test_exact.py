"""Exact figures of counts against scipy, and the percentages that no count gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.metrics.statistics.exact import Side, binomial, clopper_pearson, fisher, rounds_to

COUNTS = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
SIDES: dict[Side, str] = {"two": "two-sided", "less": "less", "greater": "greater"}


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.floats(0.01, 0.99), st.sampled_from(list(SIDES)))
def test_the_binomial_test_is_scipys(counts: tuple[int, int], claimed: float, side: Side) -> None:
    """And so are Clopper and Pearson's bounds."""
    theirs = stats.binomtest(*counts, claimed, SIDES[side])
    assert binomial(*counts, claimed, side) == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-300)
    bounds, found = stats.binomtest(*counts).proportion_ci(0.95), clopper_pearson(*counts)
    assert (found.low, found.high, found.n) == (pytest.approx(bounds.low), pytest.approx(bounds.high), counts[1])


@settings(max_examples=25, deadline=None)
@given(COUNTS, COUNTS, st.sampled_from(list(SIDES)))
def test_fishers_test_is_scipys(a: tuple[int, int], b: tuple[int, int], side: Side) -> None:
    """Of the table of passed and not passed."""
    theirs = stats.fisher_exact([[a[0], a[1] - a[0]], [b[0], b[1] - b[0]]], SIDES[side]).pvalue
    assert fisher(*a, *b, side) == pytest.approx(theirs, rel=1e-6, abs=1e-300)


def test_counts_of_thousands_stay_finite() -> None:
    """456 against 5,000 trials, and a claim of 1 or 0, which one trial can refute."""
    assert 0 <= fisher(390, 456, 4_400, 5_000) <= 1
    assert binomial(4_400, 5_000, 0.9, "less") == pytest.approx(stats.binomtest(4_400, 5_000, 0.9, "less").pvalue, rel=1e-6)
    assert binomial(19, 20, 1.0) == 0.0
    assert binomial(0, 20, 0.0) == 1.0


@pytest.mark.parametrize(
    ("passed", "trials", "low", "high"), [(98, 114, 78.2, 91.8), (394, 456, 82.9, 89.4), (86, 114, 66.5, 83.0), (15, 20, 50.9, 91.3)]
)
def test_single_runs_near_a_claim(passed: int, trials: int, low: float, high: float) -> None:
    """Intervals around figures such as 86.4 %, in percent."""
    found = clopper_pearson(passed, trials)
    assert (round(100 * found.low, 1), round(100 * found.high, 1)) == (low, high)


def test_some_percentages_are_no_count() -> None:
    """tau2-bench Retail has 114 tasks: 86.4, 85.5, 57.5 and 6.6 % need 2, 4 or 6 attempts, and 86.4 is impossible with five."""
    possible = {figure: [k for k in range(1, 7) if rounds_to(figure, 1, 114, k)] for figure in (86.4, 85.5, 57.5, 6.6)}
    assert possible == {86.4: [2, 4, 6], 85.5: [2, 4, 6], 57.5: [2, 4, 5, 6], 6.6: [2, 4, 6]}
    assert rounds_to(86.4, 1, 114, 2) == (197,)
    assert rounds_to(50, 0, 200, 1) == (99, 100, 101)
    assert rounds_to(0, 1, 10, 1) == (0,)
    assert rounds_to(100, 1, 10, 1) == (10,)


@pytest.mark.parametrize("wrong", [(101.0, 1, 114, 1), (float("nan"), 1, 114, 1), (50.0, -1, 10, 1), (50.0, 1, 0, 1), (50.0, 1, 10, 0)])
def test_what_is_no_percentage_is_refused(wrong: tuple[float, int, int, int]) -> None:
    """Above 100, no number, negative decimals, no trial."""
    with pytest.raises(ValueError, match="decimals"):
        rounds_to(*wrong)


@pytest.mark.parametrize("counts", [(1, 0), (3, 2), (-1, 2)])
def test_unlawful_counts_are_refused(counts: tuple[int, int]) -> None:
    """More passed than trials, and no trial."""
    for call in (lambda: clopper_pearson(*counts), lambda: binomial(*counts, 0.5), lambda: fisher(*counts, 1, 2)):
        with pytest.raises(ValueError, match="trials"):
            call()
    with pytest.raises(ValueError, match="claimed"):
        binomial(1, 2, 1.5)
