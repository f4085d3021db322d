"""Archives: what is saved comes back, and what release 2.3 saved is understood."""

from datetime import datetime

import pytest

from stationlog import Observation, Quantity, load_summaries, save_summaries, summarise, weekly_digest

FIELDS = ("low", "high", "mean", "spread", "deviation", "departure", "steepest")
# Two lines as release 2.3 wrote them: a day in Celsius, the same day of a station that measures in Fahrenheit.
OLD = (
    '{"format": 1, "day": "2026-03-01", "low": {"si": 277.15, "unit": "degC"}, "high": {"si": 284.15, "unit": "degC"},'
    ' "mean": {"si": 280.15, "unit": "degC"}, "spread": {"si": 280.15, "unit": "degC"},'
    ' "deviation": {"si": 276.0939202887759, "unit": "degC"}, "departure": {"si": 274.15, "unit": "degC"},'
    ' "steepest": {"si": 278.15, "unit": "degC"}}\n'
    '{"format": 1, "day": "2026-03-02", "low": {"si": 277.15, "unit": "degF"}, "high": {"si": 284.15, "unit": "degF"},'
    ' "mean": {"si": 280.65, "unit": "degF"}, "spread": {"si": 262.3722222222222, "unit": "degF"},'
    ' "deviation": {"si": 258.8722222222222, "unit": "degF"}, "departure": null,'
    ' "steepest": {"si": 262.3722222222222, "unit": "degF"}}\n'
)


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.jsonl"
    path.write_text(OLD, encoding="utf-8")
    return path


def celsius(*values):
    return [Observation(datetime(2026, 3, 1, hour), Quantity(value, "degC")) for hour, value in enumerate(values)]


def test_old_archive_in_the_other_system(old):
    first, second = load_summaries(old)
    lines = weekly_digest("Hilltop", [first], system="imperial").splitlines()
    assert lines[2].split()[7:] == ["12.6", "°F", "+1.8", "°F"]
    assert weekly_digest("Hilltop", [second]).splitlines()[2].split()[7:9] == ["7.0", "°C"]


def test_old_archive_says_which_figures_are_differences(old):
    first, second = load_summaries(old)
    assert [getattr(first, name).difference for name in FIELDS] == [False] * 3 + [True] * 4
    assert second.spread.difference is True


@pytest.mark.parametrize("unit", ["degC", "degF", "K"])
def test_new_archive_comes_back_equal(tmp_path, unit):
    observed = [Observation(each.at, each.temperature.to(unit)) for each in celsius(4.0, 6.0, 11.0)]
    days = summarise(observed, normals={3: Quantity(43.0, "degF")})
    save_summaries(tmp_path / "days.jsonl", days)
    (back,) = load_summaries(tmp_path / "days.jsonl")
    for name in FIELDS:
        saved, loaded = getattr(days[0], name), getattr(back, name)
        assert (loaded.unit, loaded.difference) == (saved.unit, saved.difference)
        assert loaded.value == pytest.approx(saved.value, abs=1e-6)
    assert back.spread.to("degF").value == pytest.approx(12.6)


def test_an_old_archive_saved_anew_is_still_right(old, tmp_path):
    save_summaries(tmp_path / "new.jsonl", load_summaries(old))
    first, _ = load_summaries(tmp_path / "new.jsonl")
    assert first.steepest.to("degF").value == pytest.approx(9.0)
    assert first.low.to("degF").value == pytest.approx(39.2)
