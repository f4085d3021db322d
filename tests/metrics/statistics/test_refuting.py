"""How many trials refute or confirm a claim: known figures, and that the power is there and nowhere lost again."""

from __future__ import annotations

import random

import pytest

from harness.metrics.statistics.exact import binomial
from harness.metrics.statistics.refuting import LEVEL, to_confirm, to_refute


@pytest.mark.parametrize(("true", "trials"), [(0.6, 22), (0.7, 44), (0.75, 84), (0.78, 145), (0.8, 229), (0.82, 459), (0.84, 1414)])
def test_the_trials_that_refute_86_4(true: float, trials: int) -> None:
    """The table of trials for 80 % power against a claim of 86.4 % taken as exact, one-sided at 5 %."""
    assert to_refute(0.864, true) == trials


@pytest.mark.parametrize(("most", "trials"), [(91, 114), (187, 228), (381, 456)])
def test_the_counts_that_refute_86_4(most: int, trials: int) -> None:
    """79.8 % of 114 trials, 82.0 % of 228 and 83.6 % of 456 are the highest that do."""
    assert binomial(most, trials, 0.864, "less") <= LEVEL < binomial(most + 1, trials, 0.864, "less")


def test_what_no_night_refutes() -> None:
    """A rate that is no lower, and one that is lower by a hair."""
    assert to_refute(0.864, 0.864) is None
    assert to_refute(0.864, 0.9) is None
    assert to_refute(0.864, 0.8635) is None


def test_the_power_is_there_when_trials_are_drawn() -> None:
    """Drawn nights of that many trials reject the claim about as often as promised, and a true claim no more often than 5 %."""
    chance, trials = random.Random(11), 84
    drawn = {true: [sum(chance.random() < true for _ in range(trials)) for _ in range(600)] for true in (0.75, 0.864)}
    rejected = {true: sum(binomial(passed, trials, 0.864, "less") <= LEVEL for passed in nights) / 600 for true, nights in drawn.items()}
    assert rejected[0.75] > 0.77
    assert rejected[0.864] < 0.065


@pytest.mark.parametrize(("claimed", "trials"), [(0.864, 199), (0.5, 402), (1.0, 36)])
def test_the_trials_that_pin_a_rate_down(claimed: float, trials: int) -> None:
    """To five points each way, from that many trials on."""
    assert to_confirm(claimed, 0.05) == trials
