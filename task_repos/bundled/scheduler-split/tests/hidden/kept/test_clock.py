"""The clock, spans, settings."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tidewheel import core


def test_now_follows_the_clock_in_force(clock):
    assert core.now() == clock()
    clock.advance(timedelta(hours=1))
    assert core.now() == clock()


def test_now_is_always_utc():
    east = timezone(timedelta(hours=2))
    core.set_clock(lambda: datetime(2026, 3, 2, 12, 0, tzinfo=east))
    assert core.now() == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert core.now().tzinfo is UTC


def test_the_systems_clock_comes_back():
    core.set_clock(None)
    assert abs(core.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_moments_without_a_zone_are_utc():
    assert core.as_utc(datetime(2026, 1, 1)) == datetime(2026, 1, 1, tzinfo=UTC)


def test_floor_minute():
    assert core.floor_minute(datetime(2026, 1, 1, 5, 6, 7, 8)) == datetime(2026, 1, 1, 5, 6)


def test_a_manual_clock_does_not_run_backwards(clock):
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="backwards"):
        clock.move_to(datetime(2020, 1, 1))


@pytest.mark.parametrize(
    ("text", "seconds"), [("45s", 45), ("1h30m", 5400), ("2d", 172800), ("1w 1s", 604801), ("90m", 5400)]
)
def test_parse_span(text, seconds):
    assert core.parse_span(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "m", "5x", "1h-5m", "0s", "0h0m"])
def test_odd_spans_are_refused(text):
    with pytest.raises(core.TriggerError):
        core.parse_span(text)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (5400, "1h30m"), (694861, "1w1d1h1m1s")])
def test_format_span(seconds, text):
    assert core.format_span(timedelta(seconds=seconds)) == text


def test_spans_survive_the_round_trip():
    for seconds in (1, 61, 3600, 86399, 604800):
        span = timedelta(seconds=seconds)
        assert core.parse_span(core.format_span(span)) == span


def test_configure_changes_the_settings_in_use():
    assert core.configure(history=3) is core.SETTINGS
    assert core.SETTINGS.history == 3


def test_configure_refuses_unknown_names():
    with pytest.raises(TypeError, match="histroy"):
        core.configure(histroy=3)
