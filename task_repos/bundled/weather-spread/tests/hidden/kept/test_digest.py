"""The weekly digest as people read it."""

from datetime import datetime

from stationlog import Observation, Quantity, summarise, weekly_digest


def week():
    values = {1: (4.0, 6.0, 11.0), 2: (3.0, 9.0, 5.0)}
    return summarise(
        [
            Observation(datetime(2026, 3, day, hour), Quantity(value, "degC"))
            for day, numbers in values.items()
            for hour, value in enumerate(numbers)
        ],
        normals={3: Quantity(6.0, "degC")},
    )


def test_metric_digest():
    lines = weekly_digest("Hilltop", week()).splitlines()
    assert lines[0] == "Hilltop"
    assert lines[2].split() == ["2026-03-01", "4.0", "°C", "11.0", "°C", "7.0", "°C", "7.0", "°C", "+1.0", "°C"]
    assert lines[4] == "range of the week: 3.0 °C to 11.0 °C"
    assert lines[5] == "average spread: 6.5 °C"
    assert lines[7] == "steepest change: +6.0 °C per hour"


def test_imperial_digest_shows_readings_in_fahrenheit():
    lines = weekly_digest("Hilltop", week(), system="imperial").splitlines()
    assert lines[2].split()[:7] == ["2026-03-01", "39.2", "°F", "51.8", "°F", "44.6", "°F"]
    assert lines[4] == "range of the week: 37.4 °F to 51.8 °F"


def test_columns_line_up():
    lines = weekly_digest("Hilltop", week(), system="imperial").splitlines()[1:4]
    assert len({len(line) for line in lines}) == 1


def test_empty_week():
    assert weekly_digest("Hilltop", []) == "Hilltop: no observations\n"
