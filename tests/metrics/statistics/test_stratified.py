"""The change between two nights: its exact p against enumeration, Fisher and McNemar; its interval against suites whose truth is known."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks.validate_change import CHANGES, SHAPES, _covered, nights
from benchmarks.validate_gate import POPULATIONS, again, night, usual
from harness.metrics.statistics.stratified import Pair, _drawn, changed
from harness.metrics.statistics.tally import Tally

tally = st.integers(1, 6).flatmap(lambda decided: st.builds(Tally, st.integers(0, decided), st.just(decided)))
suites = st.lists(st.tuples(tally, tally), min_size=1, max_size=12)


def drawn(seed: int, tasks: int, most: int) -> tuple[list[Tally], list[Tally]]:
    chance = random.Random(seed)
    chances = [chance.random() for _ in range(tasks)]
    first, second = (night(chances, [chance.randint(1, most) for _ in chances], chance) for _ in range(2))
    return first, second


def enumerated(before: list[Tally], now: list[Tally]) -> float:
    """P(change <= the one seen) over every way to deal each task's trials to the two nights."""
    ways = []
    for old, new in zip(before, now, strict=True):
        trials = [True] * (old.passed + new.passed) + [False] * (old.decided + new.decided - old.passed - new.passed)
        sums = [sum(trials[each] for each in picked) for picked in itertools.combinations(range(len(trials)), new.decided)]
        ways.append([one / new.decided - (sum(trials) - one) / old.decided for one in sums])
    seen = sum(new.share - old.share for old, new in zip(before, now, strict=True))
    found = [sum(each) <= seen + 1e-9 for each in itertools.product(*ways)]
    return sum(found) / len(found)


def test_three_stable_tasks_that_turned_are_no_chance() -> None:
    """Three of twenty tasks from 3/3 to 0/3: one way in 20 each, p = 1/8000, whatever the other tasks, and 0 is outside of the interval."""
    found = changed([Tally(3, 3)] * 20, [Tally(0, 3)] * 3 + [Tally(3, 3)] * 17)
    assert found.p_worse == pytest.approx(1 / 8000)
    assert found.estimate == pytest.approx(-0.15)
    assert found.low < -0.15 < found.high < 0


def test_with_one_attempt_it_is_mcnemars_exact_test() -> None:
    """One trial per task and night: p equals the binomial test of the tasks that changed."""
    for seed in range(40):
        before, now = drawn(seed, 30, 1)
        fell = sum(old.passed > new.passed for old, new in zip(before, now, strict=True))
        rose = sum(old.passed < new.passed for old, new in zip(before, now, strict=True))
        assert changed(before, now).p_worse == pytest.approx(stats.binomtest(fell, fell + rose, alternative="greater").pvalue)


def test_of_one_task_it_is_fishers_exact_test() -> None:
    """One task with 9 and 6 trials: p equals Fisher's."""
    expected = stats.fisher_exact([[2, 4], [7, 2]], alternative="less").pvalue
    assert changed([Tally(7, 9)], [Tally(2, 6)]).p_worse == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(6))
def test_p_is_that_of_every_deal(seed: int) -> None:
    """Unequal attempts, four tasks: p equals the share of all deals of the trials, one by one."""
    before, now = drawn(seed, 4, 3)
    assert changed(before, now).p_worse == pytest.approx(enumerated(before, now))


def test_draws_agree_with_the_exact_sum() -> None:
    """Where the sum would be too long, 10,000 seeded draws come within three of their standard errors."""
    before, now = drawn(3, 60, 6)
    pairs = [Pair(old, new) for old, new in zip(before, now, strict=True)]
    exact = changed(before, now)
    assert _drawn(pairs) == pytest.approx((exact.p_worse, exact.p_better), abs=0.015)


@settings(max_examples=80, deadline=None)
@given(suites)
def test_the_interval_and_the_test_never_contradict_each_other(suite: list[tuple[Tally, Tally]]) -> None:
    """0 is above the interval exactly where p_worse <= 0.025, below it exactly where p_better is; and the estimate lies within."""
    found = changed([old for old, _ in suite], [new for _, new in suite])
    assert (found.high < 0) == (found.p_worse <= 0.025)
    assert (found.low > 0) == (found.p_better <= 0.025)
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert 0 < found.p_worse <= 1


@settings(max_examples=30, deadline=None)
@given(suites, st.randoms(use_true_random=False))
def test_order_has_no_effect_and_swapped_nights_are_a_mirror(suite: list[tuple[Tally, Tally]], chance: random.Random) -> None:
    """Shuffled tasks give the same answer to the last bit; the nights swapped give it with the other sign."""
    found = changed([old for old, _ in suite], [new for _, new in suite])
    shuffled = chance.sample(suite, len(suite))
    assert changed([old for old, _ in shuffled], [new for _, new in shuffled]) == found
    mirror = changed([new for _, new in suite], [old for old, _ in suite])
    assert (mirror.estimate, mirror.low, mirror.high, mirror.p_worse, mirror.p_better) == pytest.approx(
        (-found.estimate, -found.high, -found.low, found.p_better, found.p_worse), abs=1e-9
    )


def test_tasks_that_never_change_say_nothing_to_the_test() -> None:
    """Trivial and impossible tasks leave p as it is."""
    before, now = drawn(5, 10, 3)
    settled = [Tally(3, 3), Tally(0, 3)] * 10
    assert changed(before + settled, now + settled).p_worse == pytest.approx(changed(before, now).p_worse)


def test_a_suite_without_any_change_still_leaves_room() -> None:
    """60 trials of 60 passed on both nights exclude a drop of 6.1 points, by the rule of three, and not of 5."""
    found = changed([Tally(3, 3)] * 20, [Tally(3, 3)] * 20)
    assert (found.p_worse, found.p_better) == (1.0, 1.0)
    assert 0.05 < found.high == -found.low < 0.061


def test_a_noisier_night_with_few_attempts_widens_the_interval() -> None:
    """Ten attempts before, two now, and what always passed is now a coin: the truth is held 94 times of 100 at the least."""
    held = 0
    for seed in range(200):
        chance = random.Random(seed)
        found = changed([Tally(10, 10)] * 30, night([0.5] * 30, [2] * 30, chance))
        held += found.low <= -0.5 <= found.high
    assert held >= 188


@pytest.mark.parametrize("change", CHANGES)
def test_the_interval_holds_the_truth(change: str) -> None:
    """Of 200 suites of 20 x 3 whose true change is known, the interval holds it in 187 or more (95 % promised, three errors of chance left)."""
    for name in ("half trivial or impossible", "mostly easy"):
        found = nights(name, (20, 3), 200, CHANGES[change])
        assert sum(each.low - 1e-9 <= truth <= each.high + 1e-9 for truth, each in found) >= 187


@pytest.mark.parametrize("kept", [0.0, 0.9])
def test_nothing_is_shown_where_nothing_changed(kept: float) -> None:
    """Of 400 unchanged nights at most 19 show a drop at 2.5 % (10 expected at the most), none the fewer where fixed seeds make nights alike."""
    shown = 0
    for seed in range(400):
        chance = random.Random(seed)
        chances = usual(chance, 40)
        before = night(chances, [3] * 40, chance)
        shown += changed(before, again(before, chances, kept, chance)).p_worse <= 0.025
    assert shown <= (19 if kept == 0 else 2)


@pytest.mark.parametrize("before", [[], [Tally(1, 1)] * 2])
def test_nights_that_do_not_match_are_refused(before: list[Tally]) -> None:
    """No task, or another number of tasks: ValueError."""
    with pytest.raises(ValueError, match="tasks before"):
        changed(before, [Tally(1, 1)] if before else [])


@pytest.mark.long
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", POPULATIONS)
def test_the_interval_holds_the_truth_for_every_shape(name: str, shape: tuple[int, int]) -> None:
    """Over all suites, shapes and changes, 1,000 nights each: at least 93.5 % (95 less two errors of chance)."""
    assert all(float(_covered(name, shape, 1_000, worsened).split(" ", maxsplit=1)[0]) >= 93.5 for worsened in CHANGES.values())


def test_the_interval_is_the_one_computed_by_hand() -> None:
    """Ten tasks, 2 of 4 on both nights: variance (10 / 7 + 2 / 16) / 100, and x^2 (1 + z^2 / 70) = z^2 times that."""
    even = [Tally(2, 4)] * 10
    found = changed(even, even)
    assert (found.low, found.high) == (pytest.approx(-0.23785, abs=1e-4), pytest.approx(0.23785, abs=1e-4))
