"""The promises about context loss on simulated studies of known truth: a small seeded part every day, the whole of it among the long tests."""

from __future__ import annotations

import pytest

from benchmarks.context_draws import FORGETTERS, named
from benchmarks.validate_context import WHY, blamed, called, continued, forgotten, hazarded, sorted_out, survived


def test_difficulty_is_not_blamed_on_context() -> None:
    """Stages that get harder and no effect of context: the two-arm fraction stays silent where both refused rules accuse, in nearly all of 60."""
    truth, bias, held, said, void, late, failures = blamed((True, 0.0, 20, 60))
    assert truth == 0.0
    assert abs(bias) <= 0.05
    assert held >= 0.88
    assert said <= 0.07
    assert void <= 0.15
    assert late >= 0.95
    assert 0.5 <= failures <= 0.84


def test_a_true_fraction_is_found() -> None:
    """Failures of which a part is the context's: without bias, held, and told from nothing."""
    _, bias, held, said, *_ = blamed((True, 0.8, 20, 60))
    assert abs(bias) <= 0.05
    assert held >= 0.88
    assert said >= 0.9


@pytest.mark.parametrize("kind", list(WHY))
def test_mechanisms_are_told_apart(kind: str) -> None:
    """Eight re-rolls of agents that fail 95 or 5 times of 100: 19 of 20 points are named rightly, undecided counted wrong."""
    assert sorted_out((kind, 8, 0.95, 0.05, 200))[0] >= 0.94


def test_survival_holds_the_truth() -> None:
    """25 studies of 20 tasks x 3 trials: at least 20 hold the mean time kept and the difference."""
    assert min(survived((20, 3, 25))[:3]) >= 0.8


def test_the_ratio_of_continuity_holds_the_truth() -> None:
    """60 studies at a true ratio of 0.8."""
    assert continued((0.8, 0.6, 20, 60))[0] >= 0.87


@pytest.mark.long
@pytest.mark.parametrize(("ramp", "effect"), [(False, 0.0), (True, 0.0), (True, 0.8), (False, 1.5)])
def test_the_fraction_holds_the_truth_everywhere(ramp: bool, effect: float) -> None:
    """500 studies of 20 tasks: bias of at most 0.05, 93 to 97 times of 100 but for the simulation's error, replays void 3 to 7 times or fewer."""
    _, bias, held, _, void, *_ = blamed((ramp, effect, 20, 500))
    assert abs(bias) <= 0.05
    assert 0.91 <= held <= 0.985
    assert void <= 0.08


@pytest.mark.long
@pytest.mark.parametrize("forgetter", list(FORGETTERS)[:4])
def test_forgetters_are_recovered(forgetter: str) -> None:
    """60 studies with 160 probes at each depth: D50 in its interval, the shape named at least 80 times of 100 but for the simulation's error."""
    held, _, told, settled = forgotten((forgetter, 160, 20, 60))
    assert held >= 0.87
    assert told[named(forgetter)] / 60 >= 0.7
    assert settled.total() - settled[named(forgetter)] <= 6


@pytest.mark.long
def test_hazard_and_calls_hold_the_truth() -> None:
    """Hazard ratio, distance and fill in 100 studies; slope and contagion in 40."""
    assert min(hazarded((20, "gamma", 100))[:3]) >= 0.87
    assert min(called((0.5, 1.2, 0.5, 20, 40))[:2]) >= 0.85
