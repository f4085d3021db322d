"""Plain values and decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sluice import units
from sluice.errors import CommandError, ConfigError, RolloutError, StoreError, UnitError, UnknownPoint, UnknownStation
from sluice.model.addresses import Address, Url
from sluice.model.alarms import Rule, Watch, worst
from sluice.model.backoff import Backoff
from sluice.model.batches import Batch, split
from sluice.model.blocks import Span, spans
from sluice.model.commands import Command, CommandState, superseded
from sluice.model.firmware import Image, Version, split_name
from sluice.model.fleet import Fleet
from sluice.model.readings import Origin, Quality, Reading, judge, merge, newest
from sluice.model.schedule import Every, Timetable
from sluice.model.stations import Point
from sluice.model.waves import Step, is_halted, open_wave, plan, summary
from sluice.settings import parse_settings
from sluice.times import format_span, format_time, parse_span, parse_time

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_times_and_spans_are_read_and_written():
    assert format_time(parse_time("2026-03-01")) == "2026-03-01T00:00:00Z"
    assert format_span(parse_span("1d2h30m")) == "1d2h30m"
    for text in ("", "5", "1x"):
        with pytest.raises(ConfigError):
            parse_span(text)


def test_units_convert_within_a_dimension():
    assert units.convert(1.0, "m3/s", "l/s") == pytest.approx(1000)
    assert units.convert(0.0, "degC", "K") == pytest.approx(273.15)
    with pytest.raises(UnitError):
        units.convert(1.0, "m", "bar")


def test_addresses_and_urls():
    assert Address.parse("[::1]:80") == Address("::1", 80)
    assert Address.parse("weir", 7100) == Address("weir", 7100)
    assert Url.parse("http://c/api/").join("/batches/1") == "/api/batches/1"
    with pytest.raises(ConfigError):
        Address.parse("weir")


def test_a_fleet_knows_its_stations(world):
    assert [s.name for s in world.fleet.selected(group="pumps")] == ["mill", "lock"]
    with pytest.raises(UnknownStation):
        world.fleet.station("nowhere")
    with pytest.raises(UnknownPoint):
        world.fleet.point("weir", "nothing")


@pytest.mark.parametrize("change", [{"colour": 1}, {"register": 70000}, {"unit": "furlong"}, {"kind": "odd"}])
def test_points_are_checked(change):
    with pytest.raises((ConfigError, UnitError)):
        Fleet.parse({"stations": {"a": {"address": "h:1", "secret": "s", "points": {"p": {"register": 1, **change}}}}})


def test_neighbours_are_read_together():
    points = [Point("a", 10), Point("b", 12), Point("c", 100), Point("d", 40)]
    assert spans(points) == [Span(10, 3), Span(40, 1), Span(100, 1)]


def test_readings_are_judged_and_merged():
    point = Point("level", 1, low=0, high=5)
    good, odd, bad = (judge("weir", point, NOON, value) for value in (1.0, 9.0, float("nan")))
    assert [r.quality for r in (good, odd, bad)] == [Quality.GOOD, Quality.DOUBTFUL, Quality.BAD]
    logged = replace(good, value=2.0, origin=Origin.LOG)
    assert merge([good, logged]) == [good]
    assert newest([logged, good])["weir", "level"] == good
    assert Reading.from_dict(odd.to_dict()) == odd
    with pytest.raises(StoreError):
        Reading.from_dict({"s": "weir"})


def test_commands_move_by_rules():
    command = Command("weir", "gate", 0.5, "me", NOON, 1)
    sent = command.moved(CommandState.SENT)
    assert sent.attempts == 1
    with pytest.raises(CommandError):
        sent.moved(CommandState.EXPIRED)
    later = replace(command, number=2)
    assert superseded([later, command]) == [command]
    assert command.is_expired(NOON + timedelta(minutes=16))


def test_an_alarm_needs_time_and_ends_with_a_band():
    rule = Rule.parse({"name": "n", "station": "s", "point": "p", "above": 3, "band": 0.5, "hold": "10m"})
    watch, seen = Watch(rule), []
    for minutes, value in ((0, 3.1), (5, 3.2), (10, 3.3), (15, 2.8), (20, 2.4)):
        watch, alarm = watch.see(Reading("s", "p", NOON + timedelta(minutes=minutes), value))
        seen.append(alarm and alarm.is_open)
    assert seen == [None, None, True, None, False]
    assert worst([]) is None


def test_versions_and_images():
    assert Version.parse("2.0.0-rc1") < Version.parse("2.0.0") < Version.parse("2.10.0")
    assert split_name("gauge7-1.2.3") == ("gauge7", Version(1, 2, 3))
    assert [at for at, _ in Image("m", Version(1, 0, 0), b"x" * 1100).chunks(512)] == [512, 1024]


def test_waves_stop_when_too_many_fail():
    found = plan("i", ["a", "b", "c", "d"], (1, 2))
    assert found.waves == (("a",), ("b", "c"), ("d",))
    steps = {"a": Step.DONE, "b": Step.FAILED}
    assert is_halted(found, steps)
    assert open_wave(found, steps) == ()
    assert summary(found, steps)["waiting"] == 2
    with pytest.raises(RolloutError):
        plan("i", [])


def test_schedules():
    every = Every.parse("every 1h + 5m")
    assert every.after(NOON) == NOON + timedelta(minutes=5)
    table = Timetable()
    table.add("a", every, NOON)
    table.add("b", Every(timedelta(minutes=1)), NOON)
    assert table.due(NOON + timedelta(minutes=10)) == ["b", "a"]
    table.done("b", NOON + timedelta(minutes=10))
    assert table.due(NOON + timedelta(minutes=10)) == ["a"]


def test_backoff_and_batches():
    assert list(Backoff(4, 1.0, 3.0, 5.0).delays()) == [1.0, 3.0, 5.0]
    readings = [Reading("s", "p", NOON + timedelta(minutes=n), 1.0) for n in range(5)]
    assert [len(piece) for piece in split(readings, 2)] == [2, 2, 1]
    batch = Batch(7, tuple(readings))
    assert Batch.decode(batch.encode()) == batch


def test_settings_are_read():
    found = parse_settings({"poll": "every 5m", "keep": "30d", "answer_timeout": "2s", "uploads": {"attempts": 2}})
    assert (found.poll.span, found.keep, found.answer_timeout, found.uploads.attempts) == (timedelta(minutes=5), timedelta(days=30), 2.0, 2)
    with pytest.raises(ConfigError):
        parse_settings({"color": 1})
