"""A scale puts every figure where its ticks say, and holds what it was made for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answer.pages.scale import TIMES, Scale, amounts, even
from harness.report.page_format import clock, usd


@given(st.floats(0.0, 1.5))
def test_differences_are_even_on_both_sides(reach: float) -> None:
    """0 stands in the middle, both ends are alike, hold the reach (as far as differences go), and have a tick each; few enough to be read."""
    scale = even(reach)
    assert scale.at(0.0) == 50.0
    assert -scale.low == scale.high >= min(reach, 1.0) - 1e-6
    assert (scale.ticks[0].at, scale.ticks[-1].at) == (0.0, 100.0)
    assert 3 <= len(scale.ticks) <= 9
    words = [tick.words for tick in scale.ticks]
    assert [word.replace("−", "+") for word in words] == [word.replace("−", "+") for word in reversed(words)]


@given(st.lists(st.floats(0.0, 1e7), min_size=1, max_size=8))
def test_amounts_keep_their_order_inside(figures: list[float]) -> None:
    """Whatever the amounts: none at the edge on the right, the larger never left of the smaller, ticks from left to right."""
    for scale in (amounts(figures, usd), amounts(figures, clock, TIMES)):
        places = [scale.at(each) for each in sorted(figures)]
        assert places == sorted(places)
        assert places[-1] < 100
        at = [tick.at for tick in scale.ticks]
        assert at == sorted(set(at))
        assert len(at) <= 8


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ([150.0, 420.0], ["0 s", "2 min", "4 min", "6 min", "8 min"]),
        ([0.09, 0.62], ["$0.00", "$0.20", "$0.40", "$0.60", "$0.80"]),
        ([3.0, 4000.0], ["2 s", "10 s", "30 s", "2 min", "10 min", "30 min"]),
    ],
)  # fmt: skip
def test_ticks_are_figures_that_people_say(figures: list[float], words: list[str]) -> None:
    """Whole minutes, tenths of dollars; by the logarithm where the largest is many times the smallest."""
    scale = amounts(figures, usd if figures[0] < 1 else clock, () if figures[0] < 1 else TIMES)
    assert [tick.words for tick in scale.ticks] == words


def test_what_lies_outside_stands_at_the_edge() -> None:
    """No mark leaves its picture."""
    assert [Scale(0.0, 2.0).at(each) for each in (-1.0, 0.5, 3.0)] == [0.0, 25.0, 100.0]
