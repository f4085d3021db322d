"""The paired difference: its interval and its p never contradict each other, and hold what they promise for tasks as they are."""

from __future__ import annotations

from math import inf, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.validate_differences import MARGIN, checked
from benchmarks.validate_draws import PAIRS
from harness.metrics.statistics import score
from harness.metrics.statistics.differences import paired
from harness.metrics.statistics.equivalence import equivalent

SHARES = st.integers(-5, 5).map(lambda step: step / 5)


@settings(max_examples=80, deadline=None)
@given(st.lists(SHARES, min_size=1, max_size=40))
def test_interval_and_p_agree(differences: list[float]) -> None:
    """0 is within exactly where p >= 0.05; the estimate is within; both sides swapped, all is mirrored; order has no effect."""
    found, mirrored = paired(differences), paired([-each for each in differences][::-1])
    assert (found.low <= 0 <= found.high) == (found.p >= 0.05)
    assert -1 - 2e-9 <= found.low - 1e-9 <= found.estimate <= found.high + 1e-9 <= 1 + 2e-9
    assert found.high > found.low
    assert (mirrored.estimate, mirrored.low, mirrored.high, mirrored.p) == tuple(
        pytest.approx(each, abs=1e-6) for each in (-found.estimate, -found.high, -found.low, found.p)
    )


@pytest.mark.parametrize(("won", "lost", "tasks"), [(1, 9, 44), (0, 0, 20), (3, 0, 10), (7, 5, 100), (0, 10, 10)])
@pytest.mark.parametrize("difference", [-0.4, -0.1, 0.05, 0.3])
def test_with_one_attempt_a_task_it_is_tangos_score(won: int, lost: int, tasks: int, difference: float) -> None:
    """His closed form for paired proportions (Statistics in Medicine 1998, 17:891-908), on Student's scale."""
    linear = -won - lost + (2 * tasks - won + lost) * difference
    inner = (sqrt(linear**2 + 8 * tasks * lost * difference * (1 - difference)) - linear) / (4 * tasks)
    square = (won - lost - tasks * difference) ** 2 / (tasks * (2 * inner + difference * (1 - difference)))
    held = score.sample([1.0] * won + [-1.0] * lost + [0.0] * (tasks - won - lost), lambda widest, _: widest)
    expected = sqrt((tasks - 1) * square / (tasks - square)) if square < tasks else inf
    assert abs(score.student(held, difference)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("tasks", [1, 2, 5, 10, 20, 100, 500])
def test_tasks_without_any_difference_prove_little(tasks: int) -> None:
    """All zeros: p is 1, the interval keeps a width that shrinks with the tasks, and few of them are no proof of equality within 10 points."""
    found = paired([0.0] * tasks)
    assert (found.estimate, found.p, found.tasks) == (0.0, 1.0, tasks)
    assert found.high == pytest.approx(-found.low)
    assert found.high > 2 / (tasks + 4)
    assert equivalent([0.0] * tasks, 0.1).holds == (tasks >= 100)


@pytest.mark.parametrize("figure", [1 / 3, 0.1, 2 / 3 - 1 / 3, -1 / 7, 0.5])
@pytest.mark.parametrize("tasks", [3, 12, 40])
def test_tasks_that_all_differ_alike_leave_a_width(figure: float, tasks: int) -> None:
    """What floats can't write exactly has the interval of what they can: one that shrinks with the tasks and is never a point."""
    found = paired([figure] * tasks)
    assert found.high - found.low > abs(figure) / tasks
    assert found.low < figure < found.high


@pytest.mark.parametrize("differences", [[], [1.5], [float("nan")]])
def test_what_is_no_difference_of_rates_is_refused(differences: list[float]) -> None:
    """Nothing, more than one, and no number."""
    with pytest.raises(ValueError, match="difference"):
        paired(differences)
    with pytest.raises(ValueError, match="differences"):
        equivalent(differences, 0.1)


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1, float("nan")])
def test_a_margin_is_a_rate(margin: float) -> None:
    """Above 0 and below 1."""
    with pytest.raises(ValueError, match="margin"):
        equivalent([0.0], margin)


def test_equality_is_students_where_the_spread_is_small() -> None:
    """Many tasks that all differ a little: the p of scipy's two one-sided t tests, within a fifth."""
    from scipy import stats

    differences = [((index * 7) % 11 - 5) / 10 for index in range(220)]
    theirs = max(stats.ttest_1samp(differences, 0.05, alternative="less").pvalue, stats.ttest_1samp(differences, -0.05, alternative="greater").pvalue)
    assert equivalent(differences, 0.05).p == pytest.approx(theirs, rel=0.2)


def test_equality_reckons_with_what_was_not_seen() -> None:
    """Forty tasks that differ by one step at most: a further one may differ by three, so a margin beyond the widest seen is not certain."""
    assert 0 < equivalent([0.1, -0.1] * 20, 0.15).p < 0.01


@pytest.mark.parametrize("name", list(PAIRS))
def test_the_promises_hold_in_a_small_simulation(name: str) -> None:
    """200 runs of 20 tasks x 3 attempts: the interval holds the truth, no difference is rarely found, one of the margin rarely called equal."""
    runs = 200
    alike, apart = (checked((name, by, 20, 3, runs)) for by in (0.0, MARGIN))
    assert min(alike[0], apart[0]) >= (0.87 if name.startswith("a few lost") else 0.91)
    assert alike[1] <= 0.09
    assert apart[2] <= 0.09


@pytest.mark.long
@pytest.mark.parametrize("name", list(PAIRS))
@pytest.mark.parametrize("tasks", [10, 20, 40, 100])
def test_the_promises_hold(name: str, tasks: int) -> None:
    """2,000 runs for each number of attempts: coverage at least 94 %, false alarms and false equality at most 6 %, but for the named shapes."""
    for attempts in (1, 3, 5, 10):
        alike, apart = (checked((name, by, tasks, attempts, 2_000)) for by in (0.0, MARGIN))
        slack = 0.012  # 2,000 runs: two and a half standard errors.
        skewed = 0.05 if name.startswith("a few lost") else 0.0
        assert min(alike[0], apart[0]) >= 0.94 - slack - skewed
        assert alike[1] <= 0.06 + slack + skewed
        assert apart[2] <= 0.06 + slack + skewed
