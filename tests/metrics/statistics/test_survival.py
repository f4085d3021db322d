"""Survival of items: the curve against scipy's, its summaries against hand counts, and two models compared."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf

from harness.metrics.statistics import competing, parametric, survival
from harness.metrics.statistics.spells import Spell
from harness.metrics.statistics.study_power import spells


def drawn(tasks: int = 12, ratio: float = 1.0, seed: int = 1) -> list[Spell]:
    chance = np.random.default_rng(seed)
    return spells(chance, chance.gamma(4, 0.25, tasks), 3, ratio)


def test_the_curve_is_kaplan_and_meiers() -> None:
    """Every step equals scipy's estimate for right-censored times."""
    told = [*drawn(), Spell("task 001", 17.0), Spell("task 002", 3.5, "finish")]
    found = survival.survival(told)
    held = ecdf(CensoredData.right_censored([each.time for each in told], [each.cause != "drift" for each in told])).sf
    assert found.kept == pytest.approx([float(held.evaluate(time)) for time in found.times])
    assert all(low <= kept <= high for low, kept, high in zip(found.low, found.kept, found.high, strict=True))
    assert (found.spells, found.drifts + found.censored, found.watched[0]) == (38, 38, sum(each.time >= found.times[0] for each in told))


def test_the_mean_time_kept_is_the_area() -> None:
    """Four spells without censoring: the area under the curve to 10 is the mean of the times cut at 10."""
    told = [Spell(f"t{time}", time, "drift") for time in (2.0, 4.0, 9.0, 30.0)]
    assert survival.rmst(told, 10).value == pytest.approx((2 + 4 + 9 + 10) / 4)
    assert survival.median(told).value == 4.0
    assert survival.watched(told, (0, 3, 30)) == (4, 3, 1)


def test_no_drift_is_no_proof() -> None:
    """Ten tasks without a drift leave a lower bound below the horizon, and a hazard of three in the time watched."""
    told = [Spell(f"t{each}", 50.0) for each in range(10)]
    found = survival.rmst(told, 50)
    assert found.value == found.high == 50.0
    assert found.low < 40
    assert survival.median(told).value == math.inf
    rate = survival.hazards(told)[0].rate
    assert rate is not None
    assert (rate.value, rate.high) == (0.0, pytest.approx(3 * 10 / 100))


def test_the_hazard_counts_time_watched() -> None:
    """A drift at 5 and one watched to 15: one drift in 15 turns of the first ten, none in the 5 after."""
    first, second = survival.hazards([Spell("a", 5.0, "drift"), Spell("b", 15.0)])
    assert first.rate is not None
    assert (first.drifts, first.watched, first.rate.value) == (1, 15.0, pytest.approx(10 / 15))
    assert (second.drifts, second.watched) == (0, 5.0)


def test_a_horizon_that_nobody_reached_is_refused() -> None:
    """One sentence with both figures, unless all had drifted before; and a time of 0 or NaN is refused as well."""
    assert survival.rmst([Spell("a", 30.0, "drift"), Spell("b", 10.0, "drift")], 80).value == pytest.approx(20)
    with pytest.raises(ValueError, match="horizon 80: the longest spell was watched to 30"):
        survival.rmst([Spell("a", 30.0)], 80)
    for time in (0.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="expected a positive time"):
            survival.survival([Spell("a", time)])
    with pytest.raises(ValueError, match="no spell"):
        survival.survival([])


def test_the_order_of_spells_has_no_effect() -> None:
    """Shuffled spells give the same figures to the last digit."""
    told = drawn()
    other = random.Random(3).sample(told, len(told))
    assert survival.survival(told) == survival.survival(other)
    assert survival.rmst(told, 80) == survival.rmst(other, 80)
    assert parametric.weibull(told).shape.value == pytest.approx(parametric.weibull(other).shape.value)  # type: ignore[union-attr]


def test_two_models_are_compared_over_tasks() -> None:
    """Three times the hazard over 20 tasks is told; the interval and the test agree about 0; the same spells are alike."""
    a, b = drawn(20), drawn(20, 3.0)
    found = survival.compared(a, b, 80)
    assert found.p < 0.05 < found.low
    same = survival.compared(a, a, 80)
    assert (same.estimate, same.p, same.tasks) == (0.0, 1.0, 20)
    with pytest.raises(ValueError, match="5 common tasks"):
        survival.compared(drawn(5), b, 80)


def test_the_ways_to_end_add_up() -> None:
    """Incidences of all causes and what is left add to 1 at every time; without censoring the last ones are shares."""
    told = [Spell(f"t{each % 4}", 1.0 + each, ("drift", "finish", "crash", "drift")[each % 4]) for each in range(20)]
    found = {each.cause: each for each in competing.incidence(told)}
    assert {cause: each.ended[-1] for cause, each in found.items()} == pytest.approx({"crash": 0.25, "drift": 0.5, "finish": 0.25})
    left = survival.survival([Spell(each.task, each.time, "drift") for each in told]).kept
    assert [sum(each.ended[i] for each in found.values()) + left[i] for i in range(20)] == pytest.approx([1.0] * 20)
    assert found["drift"].low[-1] < 0.5 < found["drift"].high[-1]
    steps = competing.steps(told, "drift")
    assert [time for time, _ in steps] == [each.time for each in told if each.cause == "drift"]
    assert all(share == pytest.approx(found["drift"].ended[found["drift"].times.index(time)]) for time, share in steps)
    assert competing.steps(told, "window") == ()


def test_a_competing_end_is_not_censored() -> None:
    """Where half finish first, incidence says half of what 1 - Kaplan-Meier says or less than it."""
    told = [Spell(f"t{each}", 1.0 + each, "finish" if each < 10 else "drift") for each in range(20)]
    drift = next(each for each in competing.incidence(told) if each.cause == "drift")
    assert drift.ended[-1] == pytest.approx(0.5)
    assert survival.survival(told).kept[-1] == 0.0


def test_the_shape_of_the_hazard_is_found() -> None:
    """Weibull times of shape 0.6 are told from a constant hazard, and exponential ones are not; too few drifts fit nothing."""
    chance = np.random.default_rng(5)
    falling = [Spell(f"t{i % 30}", float(time), "drift") for i, time in enumerate(20 * chance.weibull(0.6, 240))]
    found = parametric.weibull(falling)
    assert found is not None
    assert found.shape.low < 0.6 < found.shape.high < 1
    assert found.gain > 10
    constant = parametric.weibull([Spell(f"t{i % 30}", float(time), "drift") for i, time in enumerate(chance.exponential(20, 240))])
    assert constant is not None
    assert constant.shape.low < 1 < constant.shape.high
    assert parametric.weibull(falling[:4]) is None
