"""Units and quantities: readings turn into each other as the textbook says."""

import pytest

from stationlog.quantity import Quantity
from stationlog.units import UnitError, convert, preferred_unit


@pytest.mark.parametrize(
    ("number", "source", "target", "expected"),
    [
        (100.0, "degC", "degF", 212.0),
        (-40.0, "degF", "degC", -40.0),
        (0.0, "degC", "K", 273.15),
        (1013.25, "hPa", "inHg", 29.9213),
        (10.0, "m/s", "km/h", 36.0),
        (60.0, "mph", "m/s", 26.8224),
    ],
)
def test_convert(number, source, target, expected):
    assert convert(number, source, target) == pytest.approx(expected, abs=1e-4)


def test_units_of_other_dimensions_are_refused():
    with pytest.raises(UnitError, match="temperature"):
        Quantity(20.0, "degC").to("hPa")


def test_unknown_unit_is_refused_when_a_quantity_is_made():
    with pytest.raises(UnitError, match="degR"):
        Quantity(20.0, "degR")


def test_preferred_units():
    assert preferred_unit("K", "imperial") == "degF"
    assert preferred_unit("inHg", "metric") == "hPa"
    with pytest.raises(UnitError, match="nautical"):
        preferred_unit("m/s", "nautical")


def test_text_round_trip():
    assert Quantity.parse(" -3.5 degC ") == Quantity(-3.5, "degC")
    assert str(Quantity(1013.0, "hPa")) == "1013 hPa"


def test_readings_compare_across_units():
    assert Quantity(20.0, "degC") < Quantity(70.0, "degF")
    assert Quantity(1.0, "m/s") >= Quantity(3.6, "km/h")
