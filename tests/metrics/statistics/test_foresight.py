"""How many further tasks would decide: held against the shipped tests, one continuation at a time."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.validate_power import decided, rivals
from harness.metrics.statistics.equivalence import equivalent
from harness.metrics.statistics.foresight import alike, further
from harness.metrics.statistics.many import equal, flipped
from harness.metrics.statistics.signs import sign_flip

THIRD = 1 / 3
VALUES = (-1.0, -THIRD, 0.0, THIRD, 2 * THIRD)


@pytest.mark.parametrize("tasks", [5, 9, 10, 12, 60])
def test_many_samples_at_once_have_the_answers_of_the_shipped_tests(tasks: int) -> None:
    """Each row is `equivalent` and `sign_flip` of that sample."""
    counts = np.random.default_rng(tasks).multinomial(tasks, (0.02, 0.1, 0.6, 0.2, 0.08), 40)
    samples = [np.repeat(VALUES, row).tolist() for row in counts]
    assert equal(np.array(VALUES), counts, 0.1).tolist() == [equivalent(each, 0.1).holds for each in samples]
    assert flipped(np.array([-3, -1, 0, 1, 2]), counts) == pytest.approx([sign_flip(each) for each in samples], abs=0.002)


@pytest.mark.parametrize(
    "first", [[THIRD] + [0.0] * 11, [THIRD, -THIRD] + [0.0] * 10, [THIRD, THIRD, -THIRD] + [0.0] * 17, [THIRD, -THIRD] * 3 + [0.0] * 14, [1.0] + [0.0] * 19]
)
def test_nearly_alike_sides_need_what_the_shipped_tests_need(first: list[float]) -> None:
    """Tasks drawn from those seen decide seven times in ten or more after so many, and after a fifth of them seldom."""
    number, chance = further(first, 0.10), random.Random(3)
    assert number is not None
    assert sum(decided(first + chance.choices(first, k=number), 0.10) for _ in range(60)) >= 42
    assert sum(decided(first + chance.choices(first, k=number // 5), 0.10) for _ in range(60)) <= 36


def test_further_tasks_decide_as_often_as_promised() -> None:
    """Of undecided comparisons of 20 tasks, carried on by so many tasks, seven to nine of ten are decided."""
    ends = []
    for seed in range(150):
        chance = random.Random(seed)
        difference = chance.uniform(0, 0.3)
        first = rivals(difference, 20, 3, chance)
        number = None if decided(first, 0.10) else further(first, 0.10)
        if number is not None and number <= 1_000:
            ends.append(decided(first + rivals(difference, number, 3, chance), 0.10))
    assert len(ends) > 50
    assert 0.7 <= sum(ends) / len(ends) <= 0.92


def test_tasks_all_alike_are_followed_by_their_like() -> None:
    """Twelve without any difference need thirteen more of the same, and not one fewer; one task alone tells nothing."""
    number = further([0.0] * 12, 0.10)
    assert number == 13
    assert alike([0.0] * 12)
    assert not equivalent([0.0] * (11 + number), 0.10).holds
    assert equivalent([0.0] * (12 + number), 0.10).holds
    assert further([0.5], 0.10) is None


def test_a_clear_tendency_needs_few_tasks_and_a_faint_one_many() -> None:
    """The order of tasks has no effect; a margin that is no rate is refused."""
    clear, faint = further([1.0, 0.0] * 5, 0.1), further([0.4, -0.2] * 10, 0.1)
    assert clear is not None
    assert faint is not None
    assert clear < 20 < 40 < faint
    assert further([-0.2, 0.4] * 10, 0.1) == faint
    with pytest.raises(ValueError, match="margin"):
        further([0.1, 0.2], 2.0)
