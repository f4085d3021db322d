"""What `--hours` takes of a plan: the same draw every night, whole blocks, and what shows most."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer.outlook.choosing import Choice, choose, order

TASKS = tuple(f"task{number}" for number in range(30))


def hours(tasks: Sequence[str], attempts: int) -> float:
    return 0.1 * len(tasks) * attempts


def tasks_count(count: int, attempts: int) -> float:
    """Further tasks tell more than further attempts."""
    return math.sqrt((0.2 + 0.2 / attempts) / count)


def attempts_count(count: int, attempts: int) -> float:
    """Attempts that are nearly all noise: one more halves what is unknown."""
    return math.sqrt((0.001 + 1.0 / attempts) / count**0.5)


def test_the_draw_is_the_seeds_alone() -> None:
    """Whatever order the tasks came in, the same seed draws the same; another seed another."""
    assert order(TASKS, 7) == order(tuple(reversed(TASKS)), 7)
    assert sorted(order(TASKS, 7)) == sorted(TASKS)
    assert order(TASKS, 7) != order(TASKS, 8)
    without = [task for task in order(TASKS, 7) if task != "task3"]
    assert list(order([task for task in TASKS if task != "task3"], 7)) == without


def test_tasks_come_before_attempts_unless_power_says_otherwise() -> None:
    """Half of the tasks thrice or all of them once: what detects the smaller difference."""
    assert choose(TASKS, 3, 4, 3.0, hours, tasks_count) == Choice(TASKS, 1)
    assert choose(TASKS, 3, 4, 3.0, hours, attempts_count) == Choice(TASKS[:8], 3)
    assert choose(TASKS, 3, 4, 3.0, hours, lambda _count, _attempts: 1.0) == Choice(TASKS, 1), "where nothing can be shown, more tasks"


def test_the_whole_plan_is_taken_where_it_fits() -> None:
    """And no more than the plan."""
    assert choose(TASKS, 3, 4, 100.0, hours, tasks_count) == Choice(TASKS, 3)


def test_hours_too_few_for_one_block_are_said_to_be() -> None:
    """The block is what is begun, once."""
    assert choose(TASKS, 3, 4, 0.39, hours, tasks_count) == Choice(TASKS[:4], 1, fits=False)
    assert choose(TASKS[:2], 3, 4, 0.1, hours, tasks_count) == Choice(TASKS[:2], 1, fits=False)


@given(st.integers(1, 40), st.integers(1, 15), st.integers(1, 8), st.floats(0.05, 60))
def test_a_choice_fits_in_whole_blocks_and_grows_with_the_night(count: int, attempts: int, block: int, limit: float) -> None:
    """Never longer than the night; whole blocks or every task; a longer night never takes less of one number of attempts."""
    tasks = tuple(f"t{number}" for number in range(count))
    found = choose(tasks, attempts, block, limit, hours, tasks_count)
    assert found.tasks == tasks[: len(found.tasks)]
    assert 1 <= found.attempts <= attempts
    assert len(found.tasks) % block == 0 or len(found.tasks) in (count, block)
    if found.fits:
        assert hours(found.tasks, found.attempts) <= limit
        longer = choose(tasks, attempts, block, 2 * limit, hours, tasks_count)
        assert len(longer.tasks) * longer.attempts >= len(found.tasks) * found.attempts or longer.attempts != found.attempts


@pytest.mark.parametrize("attempts", [10_000])
def test_a_slip_of_the_finger_is_no_endless_search(attempts: int) -> None:
    """A number of attempts that no plan has is tried once, beside the few that plans have."""
    asked = []

    def counted(tasks: Sequence[str], count: int) -> float:
        asked.append(count)
        return hours(tasks, count)

    assert choose(TASKS, attempts, 4, 3.0, counted, tasks_count).attempts == 1
    assert len(asked) < 100
