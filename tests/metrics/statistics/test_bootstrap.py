"""The bootstrap distribution of a mean: every resample counted, against all of them written out."""

from __future__ import annotations

from itertools import product
from math import pi

import pytest

from harness.metrics.statistics.bootstrap import resampled


@pytest.mark.parametrize("shares", [[0.0, 1 / 3, 1.0], [0.5, 0.5, 1.0, 0.25], [0.0, 0.0, 0.0, 1.0, 0.2]])
def test_it_is_the_distribution_of_all_resamples(shares: list[float]) -> None:
    """P(mean at most x), for every x between the means that n draws with replacement can take."""
    means = [sum(drawn) / len(shares) for drawn in product(shares, repeat=len(shares))]
    found = resampled(shares)
    for share in {round(mean, 9) for mean in means}:
        assert found.below(share) == pytest.approx((sum(mean < share - 1e-9 for mean in means) + sum(mean < share + 1e-9 for mean in means)) / 2 / len(means))


def test_its_quantiles_are_the_least_values_with_enough_below() -> None:
    """Of one task of 0 and one of 1: 0, a half and 1 with a quarter, a half and a quarter."""
    found = resampled([1.0, 0.0])
    assert [found.quantile(share) for share in (0.1, 0.25, 0.26, 0.75, 0.76, 1.0)] == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]


def test_figures_off_the_grid_are_drawn() -> None:
    """What is no count of trials is resampled 10,000 times with a fixed seed: the same for the same tasks in any order, and near the truth."""
    shares = [index / (10 * pi) for index in range(30)]
    found, again = resampled(shares), resampled(shares[::-1])
    assert len(found.values) == 10_000
    assert found.values.tolist() == again.values.tolist()
    assert found.below(sum(shares) / 30) == pytest.approx(0.5, abs=0.02)
