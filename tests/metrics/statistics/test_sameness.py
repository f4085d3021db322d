"""How many tasks show two alike models to be equal: by the shipped test, and as it is documented."""

from __future__ import annotations

import pytest

from harness.metrics.statistics.equivalence import equivalent
from harness.metrics.statistics.sameness import chance, identical, wanted
from harness.metrics.statistics.tally import Tally


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.2])
def test_so_many_identical_tasks_are_enough_and_one_less_is_not(margin: float) -> None:
    """The floor is the shipped test's own."""
    least = identical(margin)
    assert equivalent([0.0] * least, margin).holds
    assert not equivalent([0.0] * (least - 1), margin).holds
    assert chance(least - 1, 3, margin) == 0.0


@pytest.mark.parametrize(("attempts", "seen"), [(3, ()), (1, ()), (3, (Tally(2, 3),) * 12)])
def test_the_tasks_named_have_the_chance_named(attempts: int, seen: tuple[Tally, ...]) -> None:
    """About 80 of 100 plans; half as many tasks far fewer."""
    tasks = wanted(attempts, 0.1, seen=seen)
    assert tasks is not None
    assert chance(tasks, attempts, 0.1, seen=seen) == pytest.approx(0.8, abs=0.05)
    assert chance(tasks // 2, attempts, 0.1, seen=seen) < 0.5


def test_more_attempts_take_fewer_tasks_and_a_hair_takes_more_than_there_are() -> None:
    """What attempts cannot buy is said by None."""
    assert (wanted(5, 0.1) or 0) < (wanted(1, 0.1) or 0)
    assert wanted(3, 0.01) is None


def test_no_trials_are_no_plan() -> None:
    """ValueError, as of its neighbours."""
    with pytest.raises(ValueError, match="no trials"):
        chance(0, 3, 0.1)
