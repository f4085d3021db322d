"""What people read, in Fahrenheit."""

from datetime import datetime

from stationlog import Observation, Quantity, summarise, weekly_digest
from stationlog.comparison import compare, describe


def week(unit="degC"):
    values = {1: (4.0, 6.0, 11.0), 2: (3.0, 9.0, 5.0)}
    return summarise(
        [
            Observation(datetime(2026, 3, day, hour), Quantity(value, "degC").to(unit))
            for day, numbers in values.items()
            for hour, value in enumerate(numbers)
        ],
        normals={3: Quantity(6.0, "degC")},
    )


def imperial():
    return weekly_digest("Hilltop", week(), system="imperial").splitlines()


def test_spread_column():
    assert imperial()[2].split()[7:9] == ["12.6", "°F"]
    assert imperial()[3].split()[7:9] == ["10.8", "°F"]


def test_departure_column():
    assert imperial()[2].split()[9:] == ["+1.8", "°F"]
    assert imperial()[3].split()[9:] == ["-0.6", "°F"]


def test_averages_of_the_week():
    assert imperial()[5] == "average spread: 11.7 °F"
    assert imperial()[6] == "average deviation: 4.9 °F"


def test_steepest_change_of_the_week():
    assert imperial()[7] == "steepest change: +10.8 °F per hour"


def test_steepest_change_may_be_a_fall():
    days = [
        *summarise([Observation(datetime(2026, 3, 1, hour), Quantity(v, "degC")) for hour, v in ((0, 5.0), (1, 8.0))]),
        *summarise([Observation(datetime(2026, 3, 2, hour), Quantity(v, "degC")) for hour, v in ((0, 9.0), (1, 2.0))]),
    ]
    assert weekly_digest("Hilltop", days).splitlines()[-1] == "steepest change: -7.0 °C per hour"
    assert weekly_digest("Hilltop", days, system="imperial").splitlines()[-1] == "steepest change: -12.6 °F per hour"


def test_a_fahrenheit_station_in_a_metric_digest():
    lines = weekly_digest("Hilltop", week("degF")).splitlines()
    assert lines[2].split()[7:] == ["7.0", "°C", "+1.0", "°C"]
    assert lines[5] == "average spread: 6.5 °C"


def test_comparison_in_fahrenheit():
    first, second = week()
    assert describe(compare([first], [second]), system="imperial") == "mean +2.4 °F, low +1.8 °F, high +3.6 °F, spread +1.8 °F"
