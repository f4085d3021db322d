"""Floors, the continuity ratio, agreement of labellers, scores of detectors, and what a study can show."""

from __future__ import annotations

import math

import pytest

from harness.metrics.statistics.agreement import kappa, scored
from harness.metrics.statistics.continuity import Leg, continuity
from harness.metrics.statistics.floors import lacking, rate, single
from harness.metrics.statistics.study_power import attribution_power, survival_power


def test_no_rate_below_its_floors() -> None:
    """29 opportunities, or nine tasks, have no rate and say what is lacking; thirty over ten have one."""
    assert rate([(f"t{i}", 0, 3) for i in range(9)]).lacking == "27 opportunities, 30 needed; 9 tasks, 10 needed"
    assert rate([(f"t{i}", 1, 40) for i in range(9)]).rate is None
    found = rate([(f"t{i}", i % 2, 3) for i in range(10)])
    assert found.rate is not None
    assert (found.rate.value, found.hits, found.opportunities, found.tasks, found.lacking) == (pytest.approx(5 / 30), 5, 30, 10, "")
    assert lacking(30, 10) == ""
    with pytest.raises(ValueError, match="2 of 1"):
        rate([("a", 2, 1)])


def test_rows_of_a_task_are_one_cluster() -> None:
    """Rows of one task add up, and a rate of none keeps an upper bound."""
    assert rate([("a", 1, 20), ("a", 0, 20)]).tasks == 1
    none = rate([(f"t{i}", 0, 10) for i in range(20)]).rate
    assert none is not None
    assert none.value == none.low == 0.0
    assert 0.01 < none.high < 0.2
    assert single(0, 1_000).high < 0.004


def legs(continuous: int, own: int, tasks: int = 12) -> list[Leg]:
    return [
        Leg(f"t{i}", f"m{j}", mode, int((i + j) % 10 < count), 1)  # type: ignore[arg-type]
        for i in range(tasks) for j in range(10) for mode, count in (("continuous", continuous), ("own", own))
    ]  # fmt: skip


def test_the_continuity_ratio_is_paired() -> None:
    """Six against eight of ten milestones: 0.75; a milestone tried in one mode only is left out."""
    found = continuity([*legs(6, 8), Leg("t0", "alone", "own", 1, 1)])
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(0.75)
    assert (found.milestones, found.tasks) == (120, 12)
    assert found.ratio.low < 0.76
    with pytest.raises(ValueError, match="both oracle and own"):
        continuity(legs(6, 8), "oracle", "own")


def test_nothing_and_everything_keep_an_interval() -> None:
    """No pass at all in the long session, all passes in both, and none in the fresh one: bounds that say how little is known."""
    none, all_, no = (continuity(legs(*each)).ratio for each in ((0, 8), (10, 10), (3, 0)))
    assert none is not None
    assert none.value == none.low == 0.0
    assert none.high > 0.01
    assert all_ is not None
    assert all_.low < 1 < all_.high
    assert no is None


def test_kappa_is_cohens() -> None:
    """The textbook table (20, 5, 10, 15): 0.4; full agreement still has a lower bound; one label only tells nothing."""
    one = ["yes"] * 25 + ["no"] * 25
    two = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = kappa(one, two)
    assert found.kappa is not None
    assert found.kappa.value == pytest.approx(0.4)
    assert found.kappa.low < 0.4 < found.kappa.high
    assert not found.accepted
    full = kappa(one, one)
    assert full.kappa is not None
    assert full.kappa.value == 1.0
    assert 0.8 < full.kappa.low < 1.0
    assert kappa(["a"], ["a"]).kappa is None
    with pytest.raises(ValueError, match="1 and 2 labels"):
        kappa(["a"], ["a", "b"])


@pytest.mark.parametrize(("perfect", "low"), [(50, 0.929), (73, 0.950), (100, 0.963), (150, 0.975), (200, 0.981), (381, 0.990)])
def test_the_bounds_of_a_perfect_detector(perfect: int, low: float) -> None:
    """As published for n of n found."""
    found = scored(perfect, 0, 0)
    assert found.precision is not None
    assert found.precision.low == pytest.approx(low, abs=6e-4)
    assert found.holds(low - 0.001, low - 0.001)
    assert not found.holds(low + 0.002, 0.0)


def test_what_was_not_scored_holds_nothing() -> None:
    """Without a finding there is no precision, and no target is reached."""
    assert scored(0, 0, 5).precision is None
    assert not scored(0, 0, 5).holds(0.0, 0.0)
    with pytest.raises(ValueError, match="-1"):
        scored(-1, 0, 0)


def test_a_study_that_shows_nothing_is_hopeless() -> None:
    """Twice the hazard: 10 x 3 finds it in under half of all studies, 20 x 3 in four of five, and 1.2 times is hopeless."""
    small, usual = survival_power(2, 10, 3), survival_power(2, 20, 3)
    assert small.power == pytest.approx(0.44, abs=0.08)
    assert usual.power == pytest.approx(0.79, abs=0.06)
    assert survival_power(1.2, 10, 3).hopeless
    assert not usual.hopeless
    assert survival_power(3, 5, 9).power == 0.0
    assert attribution_power(0.5, 0.3, 20, 6, 4).power > 0.9
    assert attribution_power(0.05, 0.3, 10, 6, 4).hopeless
    with pytest.raises(ValueError, match="hazard ratio 0"):
        survival_power(0, 10, 3)
    assert math.isclose(attribution_power(0.5, 0.3, 20, 6, 4).power, attribution_power(0.5, 0.3, 20, 6, 4).power)
