"""Retention over distance: shapes, D50 and effective length of simulated forgetters, guesses, and what was not measured."""

from __future__ import annotations

import random

import pytest

from benchmarks.context_draws import marks, probes
from harness.metrics.statistics.retention import GUESSABLE, SETTLED, Mark, Probe, retention


@pytest.mark.parametrize("forgetter", ["threshold", "plateau", "recency only (exponential)"])
def test_a_forgetter_is_recovered(forgetter: str) -> None:
    """With 160 probes at each of eight depths the shape is named, and D50 lies in its interval, "beyond" where it never falls so far."""
    found = retention(probes(forgetter, 160, 20, 0))
    half, _ = marks(forgetter)
    assert found.shape in forgetter
    assert (found.half.low or half) <= half <= (found.half.high or half)
    assert (found.half.distance is None) == (half > 160_000)
    assert (found.probes, found.tasks) == (8 * 160, 20)


def test_what_never_falls_has_its_marks_beyond() -> None:
    """A model that keeps everything has no D50 and no D85 within what was measured, and an area of nearly 1."""
    told = [Probe(f"t{i % 12}", distance, kept=True) for distance in (1e3, 4e3, 16e3, 64e3) for i in range(24)]
    found = retention(told)
    assert (found.shape, found.half.distance, found.effective.distance) == ("flat", None, None)
    assert found.half.high is None
    assert found.area.value == pytest.approx(1.0)


def test_the_isotonic_curve_never_rises() -> None:
    """Its cells fall with distance, lie in their band and count every probe."""
    found = retention(probes("logistic", 20, 10, 1))
    curve = [cell.curve for cell in found.cells]
    assert curve == sorted(curve, reverse=True)
    assert all(cell.low <= cell.curve <= cell.high for cell in found.cells)
    assert sum(cell.probes for cell in found.cells) == 160


def test_guesses_are_no_memory() -> None:
    """A rule that is kept as often as it is guessed is forgotten; one guessed more than half of the time is dropped by name."""
    chance = random.Random(2)
    told = [
        Probe(f"t{i % 12}", distance, kept=distance < 5e3 or chance.random() < 0.4, guess=0.4) for distance in (1e3, 4e3, 16e3, 64e3) for i in range(96)
    ]
    found = retention([*told, Probe("t0", 1e3, kept=True, guess=0.6, rule="obvious")])
    assert found.dropped == ("obvious",)
    assert found.cells[-1].kept < 0.2
    assert found.half.distance is not None
    assert 4e3 <= found.half.distance <= 16e3


def test_of_nothing_remembered_there_is_no_half() -> None:
    """Kept as often as guessed from the shortest distance on: no curve, which would have its D50 beyond all that was measured."""
    told = [Probe(f"t{i % 12}", distance, kept=i % 5 < 2, guess=0.4) for distance in (1e3, 4e3, 16e3) for i in range(60)]
    with pytest.raises(ValueError, match="nothing that could be forgotten"):
        retention(told)


def test_fewer_kept_than_guessed_is_none_kept() -> None:
    """No share is below 0."""
    told = [Probe(f"t{i % 12}", distance, kept=distance < 5e3 or i % 10 < 2, guess=0.4) for distance in (1e3, 4e3, 16e3) for i in range(60)]
    assert [round(cell.kept, 2) for cell in retention(told).cells] == [1.0, 1.0, 0.0]


def test_the_order_of_probes_has_no_effect() -> None:
    """Shuffled probes give the same figures."""
    told = probes("logistic", 10, 10, 2)
    assert retention(told) == retention(random.Random(1).sample(told, len(told)))


def test_one_distance_is_no_curve() -> None:
    """Probes at one distance, at none, or at a distance of 0 are refused in one sentence."""
    with pytest.raises(ValueError, match="at least two"):
        retention([Probe("a", 1e3, kept=True), Probe("b", 1e3, kept=False)])
    for told in ([], [Probe("a", 0.0, kept=True)], [Probe("a", 1e3, kept=True, guess=0.9)]):
        with pytest.raises(ValueError, match="expected probes"):
            retention(told)


def test_a_mark_is_plain_data() -> None:
    """None stands for beyond, so that JSON stays finite."""
    assert Mark(None, 4e3, None).distance is None


def test_few_probes_settle_no_shape() -> None:
    """Every resample has a vote; where they part the likeliest shape is told as such and not as settled."""
    few, many = retention(probes("logistic", 10, 10, 1)), retention(probes("threshold", 40, 10, 1))
    assert sum(share for _, share in few.votes) == pytest.approx(1.0)
    assert dict(few.votes)[few.shape] == max(share for _, share in few.votes) < SETTLED
    assert not few.settled
    assert (many.shape, many.settled) == ("threshold", True)


@pytest.mark.long
@pytest.mark.parametrize(("often", "most"), [(0.2, 0.85), (0.4, 0.30)])
def test_a_rate_measured_with_thirty_rerolls_is_good_enough(often: float, most: float) -> None:
    """D50 of 150 studies (20 tasks, 40 probes at each depth) with b from 30 re-rolls lies in its interval 90 times of 100 or more; taken as none far less often."""
    truth, _ = marks("logistic")
    known, unknown = (_held(often, truth, rolls) for rolls in (30, 0))
    assert known >= 0.9
    assert unknown <= most


def _held(often: float, truth: float, rolls: int) -> float:
    """How often the interval holds it, of studies whose rule is not dropped."""
    told = []
    for run in range(150):
        chance, other = random.Random(f"{often} {run}"), random.Random(f"{often} {run} told")
        guess = sum(other.random() < often for _ in range(rolls)) / rolls if rolls else 0.0
        kept = [Probe(each.task, each.distance, each.kept or chance.random() < often, guess) for each in probes("logistic", 40, 20, run)]
        if guess <= GUESSABLE:
            half = retention(kept).half
            told.append((half.low or 0) <= truth <= (half.high or float("inf")))
    return sum(told) / len(told)
