"""Power and the smallest difference: the fast simulation against the shipped tests, against other simulations, and against each other."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.validate_power import shown
from harness.metrics.statistics import batches
from harness.metrics.statistics.populations import ICC, Population, population
from harness.metrics.statistics.power import detectable, power
from harness.metrics.statistics.signs import sign_flip
from harness.metrics.statistics.stratified import changed
from harness.metrics.statistics.tally import Tally

TASKS_ATTEMPTS = [(7, 2), (10, 1), (10, 3), (30, 3), (80, 1), (50, 10)]


def passes(tasks: int, attempts: int, nights: int = 25) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(tasks * attempts)
    chances = chance.random(tasks)
    return chance.binomial(attempts, chances, (nights, tasks)), chance.binomial(attempts, 0.8 * chances, (nights, tasks))


@pytest.mark.parametrize(("tasks", "attempts"), TASKS_ATTEMPTS)
def test_many_nights_at_once_have_the_p_of_the_shipped_sign_flip(tasks: int, attempts: int) -> None:
    """Each row of `signs` is `sign_flip` of that night, to the ninth digit."""
    one, other = passes(tasks, attempts)
    expected = [sign_flip([float(each) for each in row / attempts]) for row in one - other]
    assert batches.signs(one - other) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("tasks", "attempts"), TASKS_ATTEMPTS)
def test_many_nights_at_once_have_the_p_of_the_shipped_change(tasks: int, attempts: int) -> None:
    """Each row of `drops` is the p_worse of `changed`, to the ninth digit."""
    before, now = passes(tasks, attempts)
    rows = ([Tally(int(each), attempts) for each in row] for night in zip(before, now, strict=True) for row in night)
    expected = [changed(old, new).p_worse for old, new in zip(rows, rows, strict=True)]
    assert batches.drops(before, now, attempts) == pytest.approx(expected, abs=1e-9)


def test_long_sums_are_all_but_normal() -> None:
    """Beyond the exact table, with 100 tasks x 10 attempts, both p's err by less than 0.002."""
    before, now = passes(100, 10)
    flipped = [sign_flip([float(each) for each in row / 10]) for row in before - now]
    assert batches.signs(before - now) == pytest.approx(flipped, abs=0.002)
    fell = [changed(*([Tally(int(each), 10) for each in row] for row in night)).p_worse for night in zip(before, now, strict=True)]
    assert batches.drops(before, now, 10) == pytest.approx(fell, abs=0.002)


@pytest.mark.parametrize(("difference", "tasks", "attempts"), [(0.3, 20, 3), (0.2, 40, 1), (0.7, 10, 3)])
def test_power_is_what_other_simulations_find(difference: float, tasks: int, attempts: int) -> None:
    """300 comparisons drawn and tested one by one find the difference as often as promised, within 3 standard errors."""
    promised = power(difference, tasks, attempts)
    assert shown(difference, tasks, attempts, 300) / 300 == pytest.approx(promised, abs=0.075)


@pytest.mark.parametrize(("tasks", "attempts"), [(10, 3), (20, 5), (40, 3), (100, 1), (300, 3)])
def test_the_smallest_difference_has_a_power_of_eighty(tasks: int, attempts: int) -> None:
    """`power` finds what `detectable` names in 78 to 82 of 100 plans, for both questions."""
    assert power(detectable(tasks, attempts), tasks, attempts) == pytest.approx(0.80, abs=0.02)
    drop = detectable(tasks, attempts, question="gate")
    assert power(drop, tasks, attempts, question="gate") == pytest.approx(0.80, abs=0.02)


def test_more_shows_more() -> None:
    """Power grows with the difference, the tasks and the attempts; no difference is found as often as the test errs, at most."""
    usual = power(0.2, 40, 3)
    assert power(0.1, 40, 3) < usual < power(0.3, 40, 3)
    assert power(0.2, 20, 3) < usual < power(0.2, 100, 3)
    assert power(0.2, 40, 1) < usual < power(0.2, 40, 10)
    assert power(0.0, 40, 3) <= 0.035
    assert power(0.0, 40, 3, question="gate", max_drop=0.0) <= 0.035


def test_a_gate_finds_a_drop_of_its_bound_every_other_night() -> None:
    """The drop seen must reach the bound too, so more trials make a drop of just the bound no surer; one of 15 points they do."""
    assert power(0.10, 200, 10, question="gate") == pytest.approx(0.5, abs=0.05)
    assert power(0.15, 200, 10, question="gate") > 0.99
    assert detectable(200, 10, question="gate") > 0.10
    assert detectable(200, 10, question="gate", max_drop=0.0) < 0.05


@pytest.mark.parametrize("question", ["compare", "gate"])
def test_too_few_tasks_show_nothing(question: str) -> None:
    """Three tasks x 1 attempt have no outcome with p <= 0.05: 1.0."""
    assert detectable(3, 1, question=question) == 1.0  # type: ignore[arg-type]


def test_past_tallies_shape_the_tasks() -> None:
    """Tasks seen to be stable let a gate see less; flaky ones need more; and for a comparison stable ones promise nothing."""
    stable, flaky = [Tally(5, 5), Tally(0, 5)] * 20, [Tally(2, 5), Tally(3, 5)] * 20
    gates = [detectable(40, 3, seen=seen, question="gate", max_drop=0.0) for seen in (stable, (), flaky)]
    assert gates == sorted(gates)
    assert gates[0] < 0.7 * gates[1] < gates[1] < gates[2]
    assert detectable(40, 3, seen=stable) > 0.9 * detectable(40, 3)


def test_a_population_is_found_again() -> None:
    """400 tasks drawn from a known population give its mean and its variance within a task back; none give the default."""
    known, chance = Population(0.1, 0.3, 0.4, 0.2), random.Random(2)
    size = 1 / known.icc - 1
    chances = [chance.choices((1.0, 0.0, chance.betavariate(known.mean * size, (1 - known.mean) * size)), (0.1, 0.3, 0.6))[0] for _ in range(400)]
    found = population([Tally(sum(chance.random() < each for _ in range(4)), 4) for each in chances])
    assert found.within == pytest.approx(known.within, abs=0.015)
    assert found.trivial + found.opened * found.mean == pytest.approx(0.1 + 0.6 * 0.4, abs=0.04)
    assert population() == Population(0.25, 0.25, 0.5, pytest.approx(ICC))


@pytest.mark.parametrize("seen", [[Tally(1, 1)] * 30, [Tally(0, 9)] * 200, [Tally(4, 8)] * 500, [Tally(1, 2), Tally(9, 9)]])
def test_every_past_gives_a_population(seen: list[Tally]) -> None:
    """Extreme tallies give shares within 0..1 and a finite smallest difference."""
    found = population(seen)
    assert min(found.trivial, found.impossible, found.opened, found.within) >= -1e-9
    assert 0 < found.mean < 1
    assert 0 < detectable(20, 3, seen=seen) <= 1


@pytest.mark.parametrize("words", [(1.5, 10, 1), (0.1, 0, 1), (0.1, 10, 0)])
def test_a_plan_without_trials_is_refused(words: tuple[float, int, int]) -> None:
    """No task, no attempt, or a difference beyond 1: ValueError."""
    with pytest.raises(ValueError, match=r"no trials|expected 0 to 1"):
        power(*words)


def test_the_same_question_has_the_same_answer() -> None:
    """Seeded: twice the same figure, and the order of past tallies has no effect."""
    seen = [Tally(1, 3), Tally(3, 3), Tally(0, 2)] * 5
    assert detectable(30, 3, seen=seen) == detectable(30, 3, seen=seen) == pytest.approx(detectable(30, 3, seen=seen[::-1]))
    assert power(0.2, 30, 3) == power(0.2, 30, 3)


@pytest.mark.parametrize("attempts", [3, 1_000, 10_000])
def test_no_gate_detects_less_than_its_bound(attempts: int) -> None:
    """However many attempts: a true drop of the bound is found every other night only, and thousands of attempts take no longer."""
    assert 0.1 <= detectable(40, attempts, question="gate") < 0.15
