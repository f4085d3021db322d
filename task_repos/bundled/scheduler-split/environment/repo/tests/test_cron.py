"""Cron lines: fields, names, macros, and the rule of the two day columns."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from tidewheel.core import Cron, CronField, Trigger, TriggerError

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def coming(text, count=3):
    return [f"{moment:%y-%m-%d %H:%M}" for moment in islice(Cron.from_notation(text).occurrences(START), count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", range(60)),
        ("*/20", (0, 20, 40)),
        ("5", (5,)),
        ("5-8", (5, 6, 7, 8)),
        ("50/4", (50, 54, 58)),
        ("10-20/5,55", (10, 15, 20, 55)),
    ],
)
def test_fields(text, expected):
    assert CronField.parse(text, 0, 59).values == frozenset(expected)


def test_names_stand_for_numbers():
    assert CronField.parse("feb-apr,dec", 1, 12, ("jan", "feb", "mar", "apr") + ("x",) * 7 + ("dec",)).values == {2, 3, 4, 12}


@pytest.mark.parametrize("text", ["60", "-1", "x", "8-5", "*/0", "*/x", "1-", ""])
def test_odd_fields_are_refused(text):
    with pytest.raises(TriggerError):
        CronField.parse(text, 0, 59)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*/30 * * * *", ["26-03-02 09:30", "26-03-02 10:00", "26-03-02 10:30"]),
        ("0 6 * * mon-fri", ["26-03-03 06:00", "26-03-04 06:00", "26-03-05 06:00"]),
        ("15 9 1 * *", ["26-04-01 09:15", "26-05-01 09:15", "26-06-01 09:15"]),
        ("0 0 29 2 *", ["28-02-29 00:00", "32-02-29 00:00", "36-02-29 00:00"]),
        ("0 12 * * 0", ["26-03-08 12:00", "26-03-15 12:00", "26-03-22 12:00"]),
        ("0 12 * * 7", ["26-03-08 12:00", "26-03-15 12:00", "26-03-22 12:00"]),
        ("@monthly", ["26-04-01 00:00", "26-05-01 00:00", "26-06-01 00:00"]),
        ("@yearly", ["27-01-01 00:00", "28-01-01 00:00", "29-01-01 00:00"]),
    ],
)
def test_occurrences(text, expected):
    assert coming(text) == expected


def test_two_day_columns_mean_either():
    assert coming("0 0 10 * fri", 4) == ["26-03-06 00:00", "26-03-10 00:00", "26-03-13 00:00", "26-03-20 00:00"]


def test_a_day_that_never_comes():
    assert Cron.from_notation("0 0 30 2 *").next_after(START) is None


def test_macros_are_triggers_of_their_own():
    assert Trigger.parse("@daily") == Trigger.parse("cron 0 0 * * *")
    assert Trigger.parse("@daily").notation() == "cron 0 0 * * *"


def test_columns_are_counted():
    with pytest.raises(TriggerError, match="6 columns"):
        Cron.from_notation("* * * * * *")
