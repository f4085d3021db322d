"""A day in a few figures, and those figures on disk."""

from datetime import date, datetime

import pytest

from stationlog import Observation, Quantity, load_summaries, save_summaries, summarise
from stationlog.archive import ArchiveError
from stationlog.series import mean, steepest_change


def celsius(*values, day=1):
    return [Observation(datetime(2026, 3, day, hour), Quantity(value, "degC")) for hour, value in enumerate(values)]


def test_one_day():
    (day,) = summarise(celsius(4.0, 6.0, 11.0), normals={3: Quantity(5.0, "degC")})
    assert day.day == date(2026, 3, 1)
    assert (day.low.value, day.high.value, day.mean.value) == (4.0, 11.0, 7.0)
    assert day.spread.value == 7.0
    assert day.departure.value == 2.0
    assert day.steepest.value == 5.0
    assert day.deviation.value == pytest.approx(2.943920)


def test_days_are_kept_apart_and_silent_sensors_left_out():
    silent = Observation(datetime(2026, 3, 1, 12), None, Quantity(1000.0, "hPa"))
    days = summarise([*celsius(1.0, 2.0, day=2), silent, *celsius(5.0, day=1)])
    assert [(each.day.day, each.mean.value) for each in days] == [(1, 5.0), (2, 1.5)]
    assert days[0].steepest is None
    assert days[0].departure is None


def test_mean_is_in_the_unit_of_the_first():
    result = mean([Quantity(10.0, "degC"), Quantity(68.0, "degF")])
    assert result.unit == "degC"
    assert result.value == pytest.approx(15.0)


def test_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no quantities"):
        mean([])


def test_steepest_change_keeps_its_sign():
    points = [(datetime(2026, 3, 1, hour), Quantity(value, "degC")) for hour, value in ((0, 9.0), (2, 3.0), (3, 5.0))]
    assert steepest_change(points).value == -3.0


def test_archive_round_trip(tmp_path):
    days = summarise(celsius(4.0, 6.5, 11.0), normals={3: Quantity(5.0, "degC")})
    save_summaries(tmp_path / "days.jsonl", days)
    (back,) = load_summaries(tmp_path / "days.jsonl")
    assert back.day == days[0].day
    assert back.low == Quantity(4.0, "degC")
    assert back.spread.value == pytest.approx(7.0)
    assert back.departure.value == pytest.approx(days[0].departure.value)


def test_archive_names_the_broken_line(tmp_path):
    path = tmp_path / "days.jsonl"
    save_summaries(path, summarise(celsius(4.0, 6.0)))
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(ArchiveError, match="line 2"):
        load_summaries(path)
