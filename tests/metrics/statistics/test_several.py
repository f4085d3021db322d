"""Holm and Benjamini-Hochberg: known values, scipy's, and what no adjustment may do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from harness.metrics.statistics.several import benjamini_hochberg, holm

PS = st.lists(st.floats(0, 1), max_size=12)


def test_known_values() -> None:
    """Worked out by hand, in the given order."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.06, 0.06))
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx((0.03, 0.04, 0.04))
    assert holm([]) == benjamini_hochberg([]) == ()


@given(PS.filter(bool))
def test_benjamini_hochberg_is_scipys(ps: list[float]) -> None:
    """The adjusted values of scipy.stats.false_discovery_control."""
    assert benjamini_hochberg(ps) == pytest.approx(tuple(false_discovery_control(ps)))


@given(PS)
def test_adjusting_only_raises_and_keeps_the_order(ps: list[float]) -> None:
    """Each is at least the p itself, at most 1, Holm's at least Benjamini and Hochberg's, and a smaller p never has the larger figure."""
    for found in (holm(ps), benjamini_hochberg(ps)):
        assert all(p <= each + 1e-12 and each <= 1 for p, each in zip(ps, found, strict=True))
        pairs = sorted(zip(ps, found, strict=True))
        assert [each for _, each in pairs] == sorted(each for _, each in pairs)
    assert all(strict >= loose - 1e-12 for strict, loose in zip(holm(ps), benjamini_hochberg(ps), strict=True))


@pytest.mark.parametrize("ps", [[1.1], [-0.1], [float("nan")]])
def test_what_is_no_p_is_refused(ps: list[float]) -> None:
    """Outside 0..1, and no number."""
    for adjust in (holm, benjamini_hochberg):
        with pytest.raises(ValueError, match="p values"):
            adjust(ps)
