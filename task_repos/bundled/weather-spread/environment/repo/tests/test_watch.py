"""Calibration and alerts, in the units their users like."""

from datetime import datetime

import pytest

from stationlog import Calibration, Observation, Quantity, RapidChange, calibrate, watch


def observed(*values, unit="degC"):
    return [Observation(datetime(2026, 3, 1, hour), Quantity(value, unit)) for hour, value in enumerate(values)]


@pytest.mark.parametrize(
    ("correction", "expected"),
    [(Quantity(1.0, "degC"), 21.0), (Quantity(1.8, "degF"), 21.0), (Quantity(-0.5, "K"), 19.5)],
)
def test_calibration_adds_a_step_in_any_unit(correction, expected):
    (result,) = calibrate(observed(20.0), Calibration(temperature=correction))
    assert result.temperature.value == pytest.approx(expected)
    assert result.temperature.unit == "degC"


def test_calibration_leaves_other_elements_alone():
    given = [Observation(datetime(2026, 3, 1), Quantity(20.0, "degC"), Quantity(1000.0, "hPa"))]
    (result,) = calibrate(given, Calibration(pressure=Quantity(150.0, "Pa")))
    assert result.temperature == given[0].temperature
    assert result.pressure.value == pytest.approx(1001.5)


def test_alert_in_the_unit_of_the_readings():
    (alert,) = watch(observed(10.0, 16.0, 17.0), [RapidChange("temperature", Quantity(5.0, "degC"))])
    assert alert.change == 6.0
    assert str(alert) == "2026-03-01 01:00 temperature: rise of 6.0 degC in an hour"


def test_threshold_in_fahrenheit_for_a_celsius_station():
    rule = RapidChange("temperature", Quantity(9.0, "degF"))
    assert watch(observed(10.0, 14.0), [rule]) == []
    (alert,) = watch(observed(16.0, 10.0), [rule])
    assert alert.change == pytest.approx(-10.8)


def test_pressure_alert_across_units():
    given = [Observation(datetime(2026, 3, 1, hour), None, Quantity(value, "hPa")) for hour, value in ((0, 1000.0), (2, 990.0))]
    (alert,) = watch(given, [RapidChange("pressure", Quantity(400.0, "Pa"))])
    assert alert.change == pytest.approx(-500.0)
