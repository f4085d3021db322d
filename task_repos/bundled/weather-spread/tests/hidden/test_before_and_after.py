"""What was right before stays right: readings, alerts, corrections, old archives in their own unit."""

import inspect
from datetime import datetime

import pytest

import stationlog
from stationlog import Calibration, Observation, Quantity, RapidChange, calibrate, watch
from stationlog.archive import ArchiveError, load_summaries

OLD = (
    '{"format": 1, "day": "2026-03-01", "low": {"si": 277.15, "unit": "degC"}, "high": {"si": 284.15, "unit": "degC"},'
    ' "mean": {"si": 280.15, "unit": "degC"}, "spread": {"si": 280.15, "unit": "degC"},'
    ' "deviation": {"si": 276.0939202887759, "unit": "degC"}, "departure": null, "steepest": {"si": 268.15, "unit": "degC"}}\n'
)


def observed(*values, unit="degC"):
    return [Observation(datetime(2026, 3, 1, hour), Quantity(value, unit)) for hour, value in enumerate(values)]


@pytest.mark.parametrize(("threshold", "count"), [(17.9, 2), (18.1, 1), (30.0, 0)])
def test_fahrenheit_thresholds_for_a_celsius_station(threshold, count):
    alerts = watch(observed(0.0, 10.0, 4.0, 14.1), [RapidChange("temperature", Quantity(threshold, "degF"))])
    assert len(alerts) == count


def test_an_alert_tells_the_change_in_the_unit_of_its_threshold():
    (alert,) = watch(observed(0.0, 10.0), [RapidChange("temperature", Quantity(9.0, "degF"))])
    assert alert.change == pytest.approx(18.0)
    assert str(alert).endswith("rise of 18.0 degF in an hour")


def test_fahrenheit_thresholds_for_a_fahrenheit_station():
    (alert,) = watch(observed(50.0, 40.0, unit="degF"), [RapidChange("temperature", Quantity(9.0, "degF"))])
    assert alert.change == pytest.approx(-10.0)


@pytest.mark.parametrize(
    ("unit", "reading", "correction", "expected"),
    [
        ("degF", 68.0, Quantity(0.5, "degC"), 68.9),
        ("degF", 68.0, Quantity(0.9, "degF"), 68.9),
        ("K", 290.0, Quantity(1.5, "degC"), 291.5),
        ("K", 290.0, Quantity(-1.8, "degF"), 289.0),
    ],
)
def test_corrections_are_steps_in_any_unit(unit, reading, correction, expected):
    (result,) = calibrate(observed(reading, unit=unit), Calibration(temperature=correction))
    assert (result.temperature.value, result.temperature.unit) == (pytest.approx(expected), unit)


def test_an_old_archive_in_its_own_unit(tmp_path):
    (tmp_path / "old.jsonl").write_text(OLD, encoding="utf-8")
    (day,) = load_summaries(tmp_path / "old.jsonl")
    assert [each.value for each in (day.low, day.high, day.mean, day.spread, day.steepest)] == [4.0, 11.0, 7.0, 7.0, -5.0]
    assert day.deviation.unit == "degC"
    assert day.departure is None


def test_unknown_formats_are_refused(tmp_path):
    (tmp_path / "odd.jsonl").write_text(OLD.replace('"format": 1', '"format": 99'), encoding="utf-8")
    with pytest.raises(ArchiveError, match="line 1"):
        load_summaries(tmp_path / "odd.jsonl")


def test_public_names_and_parameters():
    expected = {
        "calibrate": ["observations", "calibration"],
        "load_summaries": ["path"],
        "save_summaries": ["path", "summaries"],
        "summarise": ["observations", "normals"],
        "watch": ["observations", "rules"],
        "weekly_digest": ["station", "days", "system"],
    }
    found = {name: list(inspect.signature(getattr(stationlog, name)).parameters) for name in expected}
    assert {name: found[name][: len(expected[name])] for name in expected} == expected
