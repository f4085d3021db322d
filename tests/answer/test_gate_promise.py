"""The gate's promise with a control beside it: unchanged nights stay green, whatever the shape and however small the drop that matters."""

from __future__ import annotations

import random

import pytest

from harness.answer.night.gating import Evidence, controlled, decide
from harness.metrics.statistics.stratified import changed
from harness.metrics.statistics.tally import Tally


def night(rates: list[float], attempts: int, chance: random.Random) -> list[Tally]:
    return [Tally(sum(chance.random() < rate for _ in range(attempts)), attempts) for rate in rates]


def evidence(rates: list[float], attempts: int, chance: random.Random) -> Evidence:
    """Two nights of one suite in which nothing changed."""
    found = changed(night(rates, attempts, chance), night(rates, attempts, chance))
    return Evidence(found, found, found)


def green(nights: int, shape: tuple[int, int, int], max_drop: float, stable: float = 0.0) -> float:
    """The share of unchanged nights that are ok. `shape`: tasks, attempts, attempts with fresh seeds. `stable`: share of tasks that always end alike;
    where every task is flaky is the worst there is."""
    tasks, fixed, fresh = shape
    count = 0
    for seed in range(nights):
        chance = random.Random(f"{shape} {seed}")
        rates = [chance.choice((0.0, 1.0)) if chance.random() < stable else chance.uniform(0.3, 0.7) for _ in range(tasks)]
        decision = decide(evidence(rates, fixed, chance), max_drop)
        count += controlled(decision, evidence(rates, fresh, chance), max_drop).word == "ok"
    return count / nights


@pytest.mark.long
@pytest.mark.parametrize(("shape", "max_drop"), [((20, 3, 3), 0.02), ((20, 3, 1), 0.10), ((50, 5, 2), 0.02), ((100, 3, 1), 0.05)])
def test_unchanged_nights_stay_green(shape: tuple[int, int, int], max_drop: float) -> None:
    """At least 95 of 100 among a thousand, a control that may contradict included."""
    assert green(1000, shape, max_drop) >= 0.95


def test_few_unchanged_nights_stay_green() -> None:
    """The same on a usual plan, on so many nights as a day can spare."""
    assert green(200, (20, 3, 1), 0.10, stable=0.5) >= 0.95
