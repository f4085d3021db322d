"""pass@k and pass^k against every subset, and against values worked out by hand."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.metrics.statistics.passk import at_k, pass_at_k, pass_hat_k
from harness.metrics.statistics.tally import Tally

COUNTS = st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n)))


@given(COUNTS)
def test_both_are_the_mean_over_all_subsets(counts: tuple[int, int, int]) -> None:
    """Drawing k of the n trials in every possible way gives the estimators, which is why they are unbiased."""
    n, c, k = counts
    subsets = list(combinations([index < c for index in range(n)], k))
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, subsets)) / len(subsets))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(map(all, subsets)) / len(subsets))


@pytest.mark.parametrize(("n", "c", "k", "any_of", "all_of"), [(5, 2, 2, 0.7, 0.1), (10, 3, 5, 1 - 21 / 252, 0.0), (4, 4, 4, 1, 1), (3, 0, 1, 0, 0), (8, 7, 3, 1, 35 / 56)])
def test_known_values(n: int, c: int, k: int, any_of: float, all_of: float) -> None:
    """Small binomials by hand."""
    assert (pass_at_k(n, c, k), pass_hat_k(n, c, k)) == (pytest.approx(any_of), pytest.approx(all_of))


@pytest.mark.parametrize(("n", "c", "k"), [(3, 1, 0), (3, 1, 4), (3, 4, 1), (3, -1, 1)])
def test_what_makes_no_sense_is_refused(n: int, c: int, k: int) -> None:
    """More attempts than trials have no unbiased estimate."""
    with pytest.raises(ValueError, match="k="):
        pass_at_k(n, c, k)


def test_only_tasks_with_enough_trials_speak() -> None:
    """A task with two decided trials is in k = 1 and 2, not in 3; with none left there is no figure."""
    told = at_k((Tally(1, 2), Tally(3, 3)), 4)
    assert [(each.k, each.tasks) for each in told] == [(1, 2), (2, 2), (3, 1), (4, 0)]
    assert [each.pass_at_k for each in told] == [0.75, 1.0, 1.0, None]
    assert [each.pass_hat_k for each in told] == [0.75, 0.5, 1.0, None]


@given(st.lists(st.integers(0, 4).map(lambda passed: Tally(passed, 4)), min_size=1, max_size=8))
def test_more_attempts_never_hurt_any_and_never_help_all(tallies: list[Tally]) -> None:
    """pass@k rises with k, pass^k falls, and they meet at k = 1."""
    told = at_k(tallies, 4)
    any_of, all_of = [each.pass_at_k for each in told], [each.pass_hat_k for each in told]
    assert any_of == sorted(any_of)
    assert all_of == sorted(all_of, reverse=True)
    assert any_of[0] == pytest.approx(all_of[0])
