"""Hazard of a violation and malformed calls over depth: the fit against closed forms, and what can't be told apart."""

from __future__ import annotations

import random

import numpy as np
import pytest

from benchmarks.context_draws import calls, opportunities
from harness.metrics.statistics import mixed
from harness.metrics.statistics.depth import Call, contagion, slope
from harness.metrics.statistics.hazard import Chance, hazards


def test_a_table_of_four_gives_its_odds_ratio() -> None:
    """30 of 100 against 10 of 100, no task differing from another: the log odds ratio of the table."""
    y = np.tile(([1.0] * 3 + [0.0] * 7) + ([1.0] + [0.0] * 9), 10)
    x = np.array([np.ones(200), np.tile([1.0] * 10 + [0.0] * 10, 10)]).T
    group = np.repeat(np.arange(10), 20)
    found = mixed.fit(mixed.Rows(x, y, group, group), "logit")
    assert found.beta[1] == pytest.approx(np.log((30 / 70) / (10 / 90)), abs=0.01)
    hazard = mixed.fit(mixed.Rows(x, y, group, group), "cloglog")
    assert hazard.beta[1] == pytest.approx(np.log(np.log(0.7) / np.log(0.9)), abs=0.01)
    assert hazard.spread < 0.1


def test_what_a_study_was_made_with_is_found() -> None:
    """Twenty tasks: hazard ratio 2, distance and fill lie in their intervals."""
    found = hazards(opportunities(20, "gamma", 0))
    told = {each.column.split(" (")[0]: each for each in found.effects}
    model = told.get("model b") or told["model a"]
    assert model.low <= (1 if "model b" in told else -1) * np.log(2) <= model.high
    assert told["log2 distance"].low <= 0.3 <= told["log2 distance"].high
    assert told["fill"].low <= 0.5 <= told["fill"].high
    assert model.ratio[0] == pytest.approx(np.exp(model.estimate))
    assert (found.opportunities, found.tasks, found.warnings) == (1440, 20, ())


def test_columns_that_cannot_be_told_apart_are_named() -> None:
    """Fill that follows distance nearly is a warning, wholly it is left out; few events and tasks are told."""
    chance = random.Random(1)
    octaves = [chance.uniform(10, 17) for _ in range(300)]
    violated = [chance.random() < 0.2 for _ in octaves]
    near = hazards([Chance(f"t{i % 12}", "m", bad, 2**at, at / 20 + chance.gauss(0, 0.01)) for i, (at, bad) in enumerate(zip(octaves, violated, strict=True))])
    assert any("log2 distance and fill can hardly be told apart" in each for each in near.warnings)
    same = hazards([Chance(f"t{i % 3}", "m", bad, 2**at, at / 20) for i, (at, bad) in enumerate(zip(octaves, violated, strict=True))])
    assert "fill: told wholly by log2 distance; left out" in same.warnings
    assert [each.column for each in same.effects] == ["log2 distance"]
    assert any(each.startswith("3 tasks") for each in same.warnings)


def test_outcomes_that_are_alike_are_refused() -> None:
    """No violation, no opportunity, or a distance of 0: one sentence each."""
    with pytest.raises(ValueError, match="ended alike"):
        hazards([Chance("t", "m", False, 10.0, 0.1)])
    with pytest.raises(ValueError, match="no opportunity"):
        hazards([])
    with pytest.raises(ValueError, match="expected above 0"):
        hazards([Chance("t", "m", False, 0.0, 0.1), Chance("t", "m", True, 5.0, 0.1)])


def test_a_rise_with_depth_is_told_from_contagion() -> None:
    """A planted slope is found, and trials that merely differ are no contagion although the plain excess says so."""
    told = calls(0.5, 0.0, 1.0, 12, 1)
    steep, caught = slope(told), contagion(told)
    assert steep is not None
    assert steep.effect.low > 0
    assert caught.odds is not None
    assert caught.excess is not None
    assert caught.odds.low < 0 < caught.excess.low
    spread = contagion(calls(0.0, 1.5, 0.0, 12, 1))
    assert spread.odds is not None
    assert spread.odds.low > 0


def test_too_few_malformed_calls_have_no_slope() -> None:
    """Nine of a hundred: none; no call at all: a sentence."""
    told = [Call("t", "1", 100.0 + each, bad=each < 9) for each in range(100)]
    assert slope(told) is None
    assert contagion(told).odds is None
    with pytest.raises(ValueError, match="no call"):
        slope([])
