"""The gate over nights whose truth is known, with the shipped test and the shipped rule: a short form of `make validate-statistics`."""

from __future__ import annotations

import pytest

from benchmarks.validate_gate import (
    ATTEMPTS,
    MAX_DROP,
    POPULATIONS,
    TASKS,
    Chance,
    concentrated,
    few_turned,
    hiccup,
    spread,
    usual,
    words,
)
from harness.metrics.statistics.power import power

NIGHTS = 200


@pytest.mark.parametrize(("name", "shape"), [("half trivial or impossible", (20, 3)), ("half trivial or impossible", (40, 1)), ("all flaky", (20, 5))])
def test_unchanged_nights_stay_green(name: str, shape: tuple[int, int]) -> None:
    """Of 200 nights on which nothing changed at least 95 in a hundred are green."""
    assert words(POPULATIONS[name], shape, NIGHTS)["ok"] >= 0.95 * NIGHTS


@pytest.mark.parametrize("shape", [(20, 5), (40, 3)])
def test_a_drop_goes_red_as_often_as_promised(shape: tuple[int, int]) -> None:
    """Of 200 nights 15 points worse as many are red as the power says, within three standard errors; in few tasks at least as many."""
    promised = power(0.15, *shape, question="gate", max_drop=MAX_DROP)
    assert words(usual, shape, NIGHTS, lambda chances: spread(chances, 0.15))["regressed"] / NIGHTS == pytest.approx(promised, abs=0.08)
    assert words(usual, shape, NIGHTS, lambda chances: concentrated(chances, 0.15))["regressed"] / NIGHTS >= promised - 0.08


@pytest.mark.parametrize("share", [0.10, 0.25, 0.40])
def test_a_hiccup_of_the_machine_is_never_red(share: float) -> None:
    """Nights on which 10 to 40 % of the trials broke are all undecided."""
    found = set()
    for seed in range(40):
        chance = Chance(seed)
        found.add(hiccup(usual(chance, 30), 3, share, chance))
    assert found == {"undecided"}


def test_a_few_broken_trials_make_no_night_red() -> None:
    """With 4 % broken and nothing changed, at most 2.5 in a hundred nights are red, and some of them are still green."""
    found = []
    for seed in range(NIGHTS):
        chance = Chance(seed)
        found.append(hiccup(usual(chance, 30), 3, 0.04, chance))
    assert found.count("regressed") <= 0.025 * NIGHTS
    assert found.count("ok") > 0.5 * NIGHTS


def test_flaky_tasks_do_not_hide_stable_ones_that_turned() -> None:
    """Three of twenty stable tasks that turn are always shown, with two flaky tasks beside them nearly always; a test over tasks shows none."""
    assert few_turned(0, 20) == (20, 0)
    within, across = few_turned(2, 100)
    assert within >= 80 > 20 > across


@pytest.mark.long
@pytest.mark.parametrize("name", POPULATIONS)
@pytest.mark.parametrize("attempts", ATTEMPTS)
def test_a_thousand_unchanged_nights_stay_green(name: str, attempts: int) -> None:
    """Every population, 10 to 100 tasks x 1 to 10 attempts, 1,000 nights each: at least 950 are green."""
    assert all(words(POPULATIONS[name], (tasks, attempts), 1_000)["ok"] >= 950 for tasks in TASKS)
