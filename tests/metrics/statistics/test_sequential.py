"""Looking every night: the bounds hold at every look at once, where repeated tests would not."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from benchmarks.validate_power import STREAMS, erred
from harness.metrics.statistics.sequential import watched


def stream(name: str, seed: int, tasks: int) -> list[float]:
    chance = random.Random(seed)
    return [STREAMS[name][1](chance) for _ in range(tasks)]


def test_every_run_of_a_fair_coin_is_counted() -> None:
    """All 256 runs of eight tosses: 0 is excluded at some look in more than none and at most 5 %: no simulation, the exact share."""
    missed = [look for run in itertools.product((-1.0, 1.0), repeat=8) if (look := watched(run)).low > 0 or look.high < 0]
    assert 0 < len(missed) <= 0.05 * 256


def test_false_decisions_over_sixty_looks_stay_rare() -> None:
    """Of 60 streams without a difference, sixty looks each: the sequence errs in at most 6 (3 and two errors of chance), repeated tests in more."""
    found = [erred(0.0, stream("nearly all differ", seed, 60)) for seed in range(60)]
    sequence, tests = (sum(each) for each in zip(*found, strict=True))
    assert sequence <= 6 < tests


def test_equal_is_not_said_of_a_difference_at_the_margin() -> None:
    """Of 60 streams whose true mean is the margin, at most 6 are ever called equal or miss it."""
    assert sum(erred(0.10, stream("just at the margin of 10 points", seed, 100))[0] for seed in range(60)) <= 6


def test_a_large_difference_is_seen_soon_and_a_null_one_is_called_equal() -> None:
    """Thirty tasks that one side always wins decide it; 200 tasks without a difference lie within a margin of ten points."""
    assert watched([0.0, 1.0, 1.0] * 10).low > 0
    assert watched([0.0, -1.0, -1.0] * 10).high < 0
    look = watched([0.0] * 60)
    assert -0.1 < look.low < 0 < look.high < 0.1


def test_bounds_never_widen() -> None:
    """Each further observation leaves the bounds or draws them in."""
    observations = stream("a third differ", 4, 60)
    looks = [watched(observations[: number + 1]) for number in range(60)]
    for earlier, later in itertools.pairwise(looks):
        assert earlier.low <= later.low <= later.high <= earlier.high
    assert [look.tasks for look in looks] == list(range(1, 61))


def test_swapped_sides_are_a_mirror() -> None:
    """b - a gives the bounds of a - b with the other sign."""
    observations = stream("just at the margin of 10 points", 1, 40)
    one, other = watched(observations), watched([-each for each in observations])
    assert (one.low, one.high, one.estimate) == pytest.approx((-other.high, -other.low, -other.estimate))


def test_a_thousand_tasks_neither_overflow_nor_contradict() -> None:
    """Capital beyond any float leaves finite bounds, and a mean that moves half-way leaves those of before."""
    won = watched([1.0] * 1_200)
    assert 0.98 < won.low <= won.high == 1.0
    turned = watched([1.0] * 600 + [-1.0] * 600)
    assert turned.low <= turned.high
    assert all(map(math.isfinite, (turned.low, turned.high)))


@pytest.mark.parametrize("observations", [[], [1.5], [0.0, math.nan]])
def test_what_is_no_difference_is_refused(observations: list[float]) -> None:
    """None at all, one beyond 1, NaN: ValueError."""
    with pytest.raises(ValueError, match="observation"):
        watched(observations)


@pytest.mark.long
@pytest.mark.parametrize("name", STREAMS)
def test_false_decisions_stay_below_five_in_a_hundred(name: str) -> None:
    """1,000 streams of 200 looks: at most 5 % err at any look, plus two errors of chance."""
    truth = STREAMS[name][0]
    missed = [look for seed in range(1_000) if not (look := watched(stream(name, seed, 200))).low <= truth <= look.high]
    assert len(missed) <= 64


@pytest.mark.parametrize("tasks", [10, 30])
def test_a_mean_is_excluded_at_forty_times_the_stake(tasks: int) -> None:
    """All tasks won: the capital of twenty gamblers, written out, reaches forty at the bound and not one step above it."""
    low = watched([1.0] * tasks).low

    def capital(mean: float) -> float:
        return sum((1 + (each + 0.5) / 20 * (1 - mean) / (1 + mean)) ** tasks for each in range(20)) / 20

    assert capital(low) >= 40 > capital(low + 0.001)
