"""How often the interval of a rate holds the truth: a small simulation every day, the whole of it among the long tests."""

from __future__ import annotations

import pytest

from benchmarks.validate_draws import RATES
from benchmarks.validate_rates import covered, of_k


@pytest.mark.parametrize("name", list(RATES))
def test_the_interval_holds_the_truth(name: str) -> None:
    """200 runs of ten and of twenty tasks x 3 attempts: at least 91 %, which 95 % misses once in two hundred."""
    assert min(covered((name, tasks, 3, 200)) for tasks in (10, 20)) >= 0.91


@pytest.mark.long
@pytest.mark.parametrize("name", list(RATES))
@pytest.mark.parametrize("attempts", [1, 3, 5, 10])
def test_the_interval_holds_the_truth_everywhere(name: str, attempts: int) -> None:
    """2,000 runs: at least 94 % but for the error of the simulation and the swings of Wilson's bounds (docs/statistics.md)."""
    least = 0.928
    assert min(covered((name, tasks, attempts, 2_000)) for tasks in (10, 20, 40, 100)) >= least


@pytest.mark.long
@pytest.mark.parametrize("name", ["half trivial or impossible", "any difficulty", "mostly easy", "mostly hard"])
def test_pass_at_k_is_without_bias_and_covered(name: str) -> None:
    """500 runs of five attempts, k = 3: off by less than a point and a half, held at least 92 times of 100."""
    for tasks in (20, 40, 100):
        at_bias, at_held, hat_bias, hat_held = of_k((name, tasks, 500))
        assert max(abs(at_bias), abs(hat_bias)) < 1.5
        assert min(at_held, hat_held) >= 0.92
