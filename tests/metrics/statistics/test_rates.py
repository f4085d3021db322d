"""Intervals of a pass rate: the right method for each number of tasks, known values, and bounds that never leave reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.statistics.intervals import bca, wilson, wilson_effective
from harness.metrics.statistics.rates import clustered, interval, mean
from harness.metrics.statistics.tally import Tally

TALLIES = st.integers(1, 5).flatmap(lambda n: st.integers(0, n).map(lambda c: Tally(c, n)))


@pytest.mark.parametrize(
    ("tallies", "method"),
    [
        ([Tally(1, 1), Tally(0, 1)], "Wilson"),
        ([Tally(1, 3), Tally(3, 3)], "Wilson, effective trials"),
        ([Tally(2, 3)], "Wilson, effective trials"),
        ([Tally(index % 4, 3) for index in range(19)], "Wilson, effective trials"),
        ([Tally(index % 4, 3) for index in range(20)], "BCa bootstrap over tasks"),
        ([Tally(3, 3)] * 31 + [Tally(index, 3) for index in (0, 0, 0, 1, 1, 1, 2, 2, 2)], "Wilson, effective trials"),
        ([Tally(3, 3)] * 40, "Wilson, effective trials"),
    ],
)
def test_the_method_fits_the_sample(tallies: list[Tally], method: str) -> None:
    """One trial a task, few tasks, many tasks, many of which few differ, and many that are all alike."""
    found = interval(tallies)
    assert found is not None
    assert (found.method, found.n) == (method, len(tallies))


@pytest.mark.parametrize(("passed", "trials", "low", "high"), [(8, 10, 0.4902, 0.9433), (0, 3, 0.0, 0.5615), (15, 15, 0.7961, 1.0)])
def test_wilson_is_wider_than_the_tables(passed: int, trials: int, low: float, high: float) -> None:
    """Published examples of the score interval lie within, because Student's quantile is the larger one."""
    found = wilson(passed, trials)
    assert found.low <= low + 1e-4
    assert found.high >= high - 1e-4
    assert found.high - found.low > high - low + 0.01


def test_attempts_that_tell_nothing_new_narrow_nothing() -> None:
    """Ten tasks that pass always or never are ten facts, whether tried once or five times; tasks all alike are as many as their trials."""
    split = [1.0] * 5 + [0.0] * 5
    assert wilson_effective(split, 10) == wilson_effective(split, 50)
    # Ten trials times (1.960 / 2.262) squared are 7.507, whose score bounds around a half are these.
    assert (wilson_effective(split, 50).low, wilson_effective(split, 50).high) == (pytest.approx(0.2091, abs=1e-4), pytest.approx(0.7909, abs=1e-4))
    mixed = [0.4, 0.6] * 5
    wide, narrow = wilson_effective(mixed, 10), wilson_effective(mixed, 50)
    assert narrow.high - narrow.low < wide.high - wide.low


@pytest.mark.parametrize("tasks", [10, 20, 40, 100])
def test_one_attempt_a_task_is_held_nearly_everywhere(tasks: int) -> None:
    """Counted over every outcome: no true share from 5 to 95 % is held less than 91 times of 100, and hardly one less than 93.5."""
    from scipy.stats import binom

    bounds = [interval([Tally(1, 1)] * passed + [Tally(0, 1)] * (tasks - passed)) for passed in range(tasks + 1)]
    shares = [step / 200 for step in range(10, 191)]
    held = [sum(binom.pmf(passed, tasks, share) for passed, each in enumerate(bounds) if each and each.low <= share <= each.high) for share in shares]
    assert min(held) > 0.91
    assert sum(each < 0.935 for each in held) <= 0.03 * len(held)


def test_few_tasks_are_told_apart_less_than_independent_trials() -> None:
    """Students's quantile widens what few tasks say: three tasks of three are less than nine independent trials."""
    few, many = wilson_effective([1 / 3, 1 / 3, 2 / 3], 9), wilson(4, 9)
    assert few.low < many.low
    assert few.high > many.high


def test_the_bootstrap_is_the_same_for_the_same_rows() -> None:
    """Neither chance nor the order of tasks changes it; tasks that are all alike have none."""
    shares = [index % 4 / 3 for index in range(25)]
    assert bca(shares) == bca(shares[::-1])
    assert bca([1.0] * 25) is None


@pytest.mark.parametrize("unit", [3, 1_000_003])
def test_the_bootstrap_is_scipys_but_for_the_wider_percentiles(unit: int) -> None:
    """Asked for the confidence that the expansion comes to, scipy's BCa of 200,000 resamples has the same bounds: computed ones, or drawn."""
    import numpy as np
    from scipy import special, stats

    shares = [index % 4 * (unit // 3) / unit for index in range(40)]
    wide = float(special.stdtrit(39, 0.975)) * (40 / 39) ** 0.5
    found = bca(shares)
    theirs = stats.bootstrap(
        (np.asarray(shares),), np.mean, n_resamples=200_000, batch=5_000, confidence_level=float(1 - 2 * special.ndtr(-wide)), rng=np.random.default_rng(1)
    ).confidence_interval
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(theirs.low, abs=0.009), pytest.approx(theirs.high, abs=0.009))


@pytest.mark.parametrize(("passed", "trials"), [(0, 7), (3, 7), (7, 7), (394, 456), (1, 4)])
def test_wilson_is_scipys_asked_for_students_quantile(passed: int, trials: int) -> None:
    """The bounds of scipy.stats.binomtest for the confidence that a normal quantile of Student's size would have."""
    from scipy.special import ndtr, stdtrit
    from scipy.stats import binomtest

    student = float(stdtrit(trials - 1, 0.975))
    theirs = binomtest(passed, trials).proportion_ci(1 - 2 * float(ndtr(-student)), method="wilson")
    assert (wilson(passed, trials).low, wilson(passed, trials).high) == (pytest.approx(theirs.low), pytest.approx(theirs.high))


@settings(max_examples=60, deadline=None)
@given(st.lists(TALLIES, min_size=1, max_size=40))
def test_an_interval_holds_its_rate_and_stays_a_share(tallies: list[Tally]) -> None:
    """0 <= low <= rate <= high <= 1, and it has a width: nothing is ever certain."""
    found, rate = interval(tallies), mean(tallies)
    assert found is not None
    assert rate is not None
    assert 0 <= found.low <= rate + 1e-9
    assert rate - 1e-9 <= found.high <= 1
    assert found.high - found.low > 0


def test_each_task_weighs_the_same() -> None:
    """A task of which trials broke is not worth less; no task has no rate."""
    assert mean([Tally(1, 1), Tally(0, 3)]) == 0.5
    assert mean([]) is None
    assert interval([]) is None
    with pytest.raises(ValueError, match="no task"):
        clustered([], 0)


@pytest.mark.parametrize("counts", [(1, 0), (2, 1), (-1, 1)])
def test_a_tally_is_lawful(counts: tuple[int, int]) -> None:
    """No task without a decided trial, and no more passes than trials."""
    with pytest.raises(ValueError, match="decided"):
        Tally(*counts)


def test_the_bootstrap_is_as_wide_as_students_interval_where_nothing_is_skewed() -> None:
    """Twenty tasks spread evenly: the expansion makes up for resamples that spread less than fresh samples."""
    from scipy.special import stdtrit

    shares = [step / 19 for step in range(20)]
    spread = (sum((share - 0.5) ** 2 for share in shares) / 19 / 20) ** 0.5
    found = bca(shares)
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * float(stdtrit(19, 0.975)) * spread, rel=0.015)
