"""Of one point little is said, and that little is right: E, R, S, X or U from a handful of re-rolls and the ledger's word."""

from __future__ import annotations

import random

import pytest
from scipy.stats import fisher_exact

from harness.answer.probe.deciding import Count, decide, tail
from harness.core.findings import Mechanism, Status


def counts(**failed: int) -> dict[str, Count]:
    return {arm: Count(each, 4) for arm, each in failed.items()}


@pytest.mark.parametrize(
    ("arms", "visible", "mechanism", "status"),
    [
        ({"full": 4, "fresh": 0}, False, Mechanism.EVICTION, Status.CONFIRMED),
        ({"full": 4, "fresh": 0}, True, Mechanism.RETENTION, Status.CONFIRMED),
        ({"full": 4, "fresh": 0}, None, Mechanism.UNDECIDED, Status.CONFIRMED),
        ({"full": 4, "fresh": 0, "clean": 0}, True, Mechanism.SELF_CONDITIONING, Status.CONFIRMED),
        ({"full": 4, "fresh": 0, "clean": 4}, True, Mechanism.RETENTION, Status.CONFIRMED),
        ({"full": 4, "fresh": 4}, True, Mechanism.NOT_CONTEXT, Status.REJECTED),
        ({"full": 4, "fresh": 1}, True, Mechanism.RETENTION, Status.CONFIRMED),
        ({"full": 3, "fresh": 0}, True, Mechanism.RETENTION, Status.CONFIRMED),
        ({"full": 3, "fresh": 0, "clean": 3}, None, Mechanism.UNDECIDED, Status.CONFIRMED),
        ({"full": 4, "fresh": 3}, True, Mechanism.UNDECIDED, Status.UNDECIDED),
        ({"full": 3, "fresh": 1}, True, Mechanism.UNDECIDED, Status.UNDECIDED),
        ({"full": 1, "fresh": 4}, True, Mechanism.NOT_CONTEXT, Status.REJECTED),
        ({"full": 1, "fresh": 1}, True, Mechanism.UNDECIDED, Status.UNDECIDED),
        ({"full": 0, "fresh": 0}, True, None, Status.REJECTED),
        ({"full": 0, "fresh": 4}, True, None, Status.REJECTED),
        ({"full": 4}, True, None, Status.UNDECIDED),
    ],
)
def test_what_a_point_says(arms: dict[str, int], visible: bool | None, mechanism: Mechanism | None, status: Status) -> None:
    """Four re-rolls: only a clear difference is a loss, and only the ledger tells eviction from retention."""
    found = decide(counts(**arms), visible=visible)
    assert (found.mechanism, found.status) == (mechanism, status)


def test_rolls_without_an_opportunity_count_on_neither_side() -> None:
    """An arm in which nothing arose says nothing."""
    found = decide({"full": Count(2, 2, idle=2), "fresh": Count(0, 0, idle=4)}, visible=True)
    assert found.status is Status.UNDECIDED


@pytest.mark.parametrize("seed", range(12))
def test_the_tail_is_fishers(seed: int) -> None:
    """The same p as the reference's one-sided exact test."""
    lot = random.Random(seed)
    one, other = Count(lot.randint(0, 8), 8), Count(lot.randint(0, 6), 6)
    table = [[one.failed, one.rolls - one.failed], [other.failed, other.rolls - other.failed]]
    assert tail(one, other) == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


def test_workers_of_known_kind_are_told_apart() -> None:
    """200 points of simulated workers that lose an item by eviction, by retention or not at all: at least 95 % right, undecided counted wrong."""
    lot, right = random.Random(5), 0
    for _ in range(200):
        kind = lot.choice((Mechanism.EVICTION, Mechanism.RETENTION, Mechanism.NOT_CONTEXT))
        rates = {"full": 0.995, "fresh": 0.995 if kind is Mechanism.NOT_CONTEXT else 0.005}
        made = {arm: Count(sum(lot.random() < rate for _ in range(4)), 4) for arm, rate in rates.items()}
        right += decide(made, visible=kind is not Mechanism.EVICTION).mechanism is kind
    assert right >= 190


def test_chance_is_hardly_ever_taken_for_a_loss() -> None:
    """Where full and fresh fail alike, whatever the rate, no more than one point in twenty is called a loss."""
    lot = random.Random(6)
    for rate in (0.2, 0.5, 0.8):
        made = [tuple(Count(sum(lot.random() < rate for _ in range(4)), 4) for _ in range(2)) for _ in range(500)]
        lost = sum(decide({"full": full, "fresh": fresh}, visible=True).status is Status.CONFIRMED for full, fresh in made)
        assert lost <= 25
