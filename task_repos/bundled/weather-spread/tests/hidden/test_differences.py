"""A difference stays a difference, whatever is done with it."""

from dataclasses import fields
from datetime import datetime

import pytest

from stationlog import Observation, Quantity, summarise
from stationlog.series import changes, deviation, highest, lowest, mean, spread, steepest_change

C4, C11 = Quantity(4.0, "degC"), Quantity(11.0, "degC")


def step(value, unit="degC"):
    return Quantity(value, unit, difference=True)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [(9.0, "degF", "degC", 5.0), (9.0, "degF", "K", 5.0), (-3.0, "K", "degF", -5.4), (0.0, "degC", "degF", 0.0), (2.0, "hPa", "Pa", 200.0)],
)
def test_a_step_converts_without_the_zero_of_the_scale(value, source, target, expected):
    result = step(value, source).to(target)
    assert result.value == pytest.approx(expected)
    assert result.unit == target
    assert result.difference is True


def test_the_field_is_the_third_and_optional():
    assert [each.name for each in fields(Quantity)][:3] == ["value", "unit", "difference"]
    assert Quantity(9.0, "degF", True) == step(9.0, "degF")
    assert Quantity(9.0, "degF") != step(9.0, "degF")


def test_in_base_and_in_system_keep_the_kind():
    assert step(9.0, "degF").in_base().value == pytest.approx(5.0)
    assert step(5.0).in_system("imperial").value == pytest.approx(9.0)
    assert step(5.0).in_system("imperial").difference is True


def test_map_abs_and_negation_keep_the_kind():
    for result in (abs(step(-5.0)), -step(-5.0), step(2.5).map(lambda number: 2 * number)):
        assert (result.value, result.difference) == (5.0, True)


def test_a_reading_is_not_a_difference():
    assert C4.difference is False
    assert C4.to("degF").difference is False
    assert abs(C4).difference is False


def test_readings_differ_by_a_difference():
    result = C11 - Quantity(39.2, "degF")
    assert result.difference is True
    assert result.unit == "degC"
    assert result.value == pytest.approx(7.0)
    assert result.to("degF").value == pytest.approx(12.6)


def test_a_step_from_a_reading_leads_to_a_reading():
    warmer, colder = C4 + step(9.0, "degF"), C4 - step(9.0, "degF")
    assert (warmer.difference, colder.difference) == (False, False)
    assert warmer.value == pytest.approx(9.0)
    assert colder.value == pytest.approx(-1.0)


def test_a_step_and_a_reading_in_that_order():
    result = step(9.0, "degF") + C4
    assert result.difference is False
    assert result.unit == "degF"
    assert result.to("degC").value == pytest.approx(9.0)


def test_steps_add_up_to_steps():
    both, less = step(2.0) + step(9.0, "degF"), step(2.0) - step(9.0, "degF")
    assert both.difference and less.difference
    assert both.value == pytest.approx(7.0)
    assert less.value == pytest.approx(-3.0)


def test_statistics_that_are_differences_by_nature():
    points = [(datetime(2026, 3, 1, hour), each) for hour, each in enumerate((C4, C11))]
    found = (spread([C4, C11]), deviation([C4, C11]), steepest_change(points), changes(points)[0][1])
    assert [each.difference for each in found] == [True] * 4
    assert [each.to("degF").value for each in found] == pytest.approx([12.6, 6.3, 12.6, 12.6])


def test_changes_in_mixed_units():
    points = [(datetime(2026, 3, 1, 0), C4), (datetime(2026, 3, 1, 2), Quantity(51.8, "degF"))]
    ((_, rate),) = changes(points)
    assert rate.unit == "degC"
    assert rate.value == pytest.approx(3.5)
    assert rate.to("K").value == pytest.approx(3.5)


def test_mean_lowest_and_highest_of_differences_are_differences():
    steps = [step(2.0), step(9.0, "degF"), step(-1.0)]
    found = (mean(steps), lowest(steps), highest(steps))
    assert [each.difference for each in found] == [True] * 3
    assert [each.value for each in found] == pytest.approx([2.0, -1.0, 5.0])


def test_mean_of_readings_is_a_reading():
    assert mean([C4, C11]).difference is False
    assert deviation([step(1.0), step(3.0)]).difference is True


def test_a_day_says_which_of_its_figures_are_differences():
    observed = [Observation(datetime(2026, 3, 1, hour), each) for hour, each in enumerate((C4, C11))]
    (day,) = summarise(observed, normals={3: Quantity(5.0, "degC")})
    assert [day.spread.difference, day.deviation.difference, day.departure.difference, day.steepest.difference] == [True] * 4
    assert [day.low.difference, day.high.difference, day.mean.difference] == [False] * 3
