"""When jobs are due, for every kind of trigger but cron."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest

from tidewheel.core import AnyOf, Daily, Every, Except, Monthly, Once, Trigger, TriggerError, Weekly

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def coming(text, count=3, start=MONDAY):
    return [f"{moment:%m-%d %H:%M}" for moment in islice(Trigger.parse(text).occurrences(start), count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("once 2026-03-05T10:00", ["03-05 10:00"]),
        ("once 2026-03-01T10:00", []),
        ("every 6h", ["03-02 12:00", "03-02 18:00", "03-03 00:00"]),
        ("every 1h from 2026-03-02T09:20", ["03-02 09:20", "03-02 10:20", "03-02 11:20"]),
        ("daily 09:00", ["03-03 09:00", "03-04 09:00", "03-05 09:00"]),
        ("daily 09:01", ["03-02 09:01", "03-03 09:01", "03-04 09:01"]),
        ("weekly mon,thu 06:30", ["03-05 06:30", "03-09 06:30", "03-12 06:30"]),
        ("weekly mon 09:00", ["03-09 09:00", "03-16 09:00", "03-23 09:00"]),
        ("monthly 15 06:00", ["03-15 06:00", "04-15 06:00", "05-15 06:00"]),
        ("monthly 31 06:00", ["03-31 06:00", "04-30 06:00", "05-31 06:00"]),
        ("monthly last 06:00", ["03-31 06:00", "04-30 06:00", "05-31 06:00"]),
        ("monthly 2 09:00", ["04-02 09:00", "05-02 09:00", "06-02 09:00"]),
        ("daily 12:00 | daily 18:00", ["03-02 12:00", "03-02 18:00", "03-03 12:00"]),
        ("daily 12:00 except 2026-03-02,2026-03-04", ["03-03 12:00", "03-05 12:00", "03-06 12:00"]),
    ],
)
def test_occurrences(text, expected):
    assert coming(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "once 2026-03-05T10:00:00+00:00",
        "every 1h30m",
        "every 1h from 2026-03-02T09:20:00+00:00",
        "daily 06:30",
        "weekly mon,fri 06:30",
        "monthly 15 06:30",
        "monthly last 06:30",
        "cron */5 0-6 * jan,jul mon-fri",
        "daily 06:30 | cron 0 12 * * *",
        "daily 06:30 except 2026-12-25,2026-12-26",
    ],
)
def test_notation_round_trip(text):
    trigger = Trigger.parse(text)
    assert trigger.notation() == text
    assert Trigger.parse(str(trigger)) == trigger


@pytest.mark.parametrize(
    "text",
    ["", "sometimes", "every", "every now", "daily", "daily 25:00", "weekly 06:30", "weekly moon 06:30", "monthly 32 06:00",
     "monthly x 06:00", "once upon", "daily 06:00 except christmas", "@often", "cron * * * *"],
)  # fmt: skip
def test_odd_notations_are_refused(text):
    with pytest.raises(TriggerError):
        Trigger.parse(text)


def test_trigger_errors_are_value_errors():
    with pytest.raises(ValueError, match="sometimes"):
        Trigger.parse("sometimes")


def test_triggers_are_values():
    assert Weekly((4, 0, 4), time(6)) == Weekly((0, 4), time(6))
    assert hash(Daily(time(6))) == hash(Daily(time(6)))
    assert Once(datetime(2026, 1, 1)) == Once(datetime(2026, 1, 1, tzinfo=UTC))


def test_impossible_triggers_are_refused():
    for make in (
        lambda: Every(timedelta(0)),
        lambda: Weekly((), time(6)),
        lambda: Weekly((7,), time(6)),
        lambda: Monthly(40, time(6)),
        lambda: AnyOf(()),
    ):
        with pytest.raises(TriggerError):
            make()


def test_between_leaves_the_start_out_and_the_end_in():
    found = Daily(time(9)).between(MONDAY, MONDAY + timedelta(days=2))
    assert [moment.day for moment in found] == [3, 4]


def test_an_exception_that_covers_everything_ends():
    assert Except(Once(MONDAY + timedelta(hours=1)), frozenset({MONDAY.date()})).next_after(MONDAY) is None
    assert Except(Daily(time(9)), frozenset({date(2026, 3, 3)})).next_after(MONDAY).day == 4


def test_describe_tells_what_comes():
    assert Daily(time(12)).describe(2) == "daily 12:00 (next: 2026-03-02 12:00, 2026-03-03 12:00)"
    assert Once(datetime(2020, 1, 1)).describe() == "once 2020-01-01T00:00:00+00:00 (next: never)"
