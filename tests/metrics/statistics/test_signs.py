"""The sign-flip test: every flip counted, against all of them written out and against scipy; its false alarms; its ties, zeros and ends."""

from __future__ import annotations

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from harness.metrics.statistics.signs import Side, sign_flip

THIRDS = st.lists(st.integers(-3, 3).map(lambda step: step / 3), min_size=1, max_size=9)


def every_flip(values: list[float], side: Side) -> float:
    """By hand: 2^n sums."""
    sums = [sum(sign * value for sign, value in zip(signs, values, strict=True)) for signs in product((-1, 1), repeat=len(values))]
    total = sum(values)
    out = {"two": lambda each: abs(each) >= abs(total) - 1e-9, "less": lambda each: each <= total + 1e-9, "greater": lambda each: each >= total - 1e-9}
    return sum(map(out[side], sums)) / len(sums)


@settings(max_examples=60, deadline=None)
@given(THIRDS, st.sampled_from([0.0, 0.1, -0.25]), st.sampled_from(["two", "less", "greater"]))
def test_it_counts_every_flip(differences: list[float], shift: float, side: Side) -> None:
    """Zeros, ties and shifts among them; the order of tasks changes nothing."""
    assert sign_flip(differences, shift=shift, side=side) == pytest.approx(every_flip([each - shift for each in differences], side))
    assert sign_flip(differences[::-1], shift=shift, side=side) == sign_flip(differences, shift=shift, side=side)


@pytest.mark.parametrize(("ours", "theirs"), [("two", "two-sided"), ("less", "less"), ("greater", "greater")])
def test_it_is_scipys_permutation_test(ours: Side, theirs: str) -> None:
    """Paired samples, all 4,096 flips."""
    chance = np.random.default_rng(7)
    differences = np.round(chance.normal(0.1, 0.4, 12).clip(-1, 1), 2)
    found = stats.permutation_test((differences,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=theirs)
    assert sign_flip(differences.tolist(), side=ours) == pytest.approx(found.pvalue)


@pytest.mark.parametrize(
    ("differences", "p"), [([0.0], 1.0), ([1.0], 1.0), ([1.0] * 5, 0.0625), ([1.0] * 6, 0.03125), ([0.0] * 500, 1.0), ([1.0] * 6 + [0.0] * 494, 0.03125)]
)
def test_known_values(differences: list[float], p: float) -> None:
    """Six tasks that all turned are the fewest that show anything, however many stayed as they were."""
    assert sign_flip(differences) == p


def test_the_smallest_p_is_not_lost() -> None:
    """Five hundred tasks that all turned: 2^-499, where drawing would stop at one in ten thousand."""
    assert sign_flip([1.0] * 500) == pytest.approx(2.0**-499)


def test_what_cannot_be_counted_is_drawn() -> None:
    """Differences off any grid: the same p again, near the counted one of the rounded, and never 0."""
    chance = random.Random(3)
    exact = [round(chance.gauss(0.05, 0.3), 2) for _ in range(60)]
    blurred = [each + chance.uniform(1e-6, 9e-5) for each in exact]
    assert sign_flip(blurred) == sign_flip(blurred[::-1])
    assert sign_flip(blurred) == pytest.approx(sign_flip(exact), abs=0.02)
    assert 0 < sign_flip([0.9 + chance.random() / 1_000 for _ in range(60)]) < 0.001


def test_no_task_has_no_test() -> None:
    """An empty list is refused, not called equal."""
    with pytest.raises(ValueError, match="no difference"):
        sign_flip([])
