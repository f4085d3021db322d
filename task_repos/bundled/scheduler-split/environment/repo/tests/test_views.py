"""Simulations, reports, queries, calendars, differences."""

from datetime import UTC, datetime, timedelta

import pytest

from tidewheel import core
from tidewheel.core import Outcome, Run
from tidewheel.ical import calendar
from tidewheel.query import QueryError, select
from tidewheel.reports import health, health_table, job_table, streak
from tidewheel.simulate import busiest, forecast, frozen
from tidewheel.statediff import differences


def with_runs(job, *outcomes):
    for number, outcome in enumerate(outcomes):
        due = core.now() + timedelta(hours=number)
        job.record(Run(job.name, due, due + timedelta(seconds=number), due + timedelta(seconds=3 * number), outcome))
    return job


def test_a_frozen_clock_gives_way_to_the_one_before(clock):
    with frozen(datetime(2030, 1, 1)) as inner:
        assert core.now() == datetime(2030, 1, 1, tzinfo=UTC)
        with frozen(datetime(2040, 1, 1)):
            assert core.now().year == 2040
        assert core.now() == inner()
    assert core.now() == clock()


def test_a_forecast_runs_nothing(job):
    failing = job("bad", "every 20m", "tidewheel.core:fail")
    found = forecast([failing, job("off", state=core.JobState.PAUSED)], core.now(), timedelta(hours=1))
    assert [(each.job, each.at.minute) for each in found] == [("bad", 20), ("bad", 40), ("bad", 0)]
    assert failing.runs == []
    assert failing.next_due is None


def test_busiest_window(job):
    found = forecast([job("a", "daily 12:00"), job("b", "daily 12:30"), job("c", "daily 18:00")], core.now(), timedelta(days=1))
    assert busiest(found) == (datetime(2026, 3, 2, 12, tzinfo=UTC), 2)
    assert busiest([]) is None


def test_health(job):
    sick = with_runs(job(), Outcome.SUCCEEDED, Outcome.FAILED, Outcome.MISFIRED, Outcome.SUCCEEDED)
    found = health(sick)
    assert (found.runs, found.failed, found.misfired, found.rate) == (4, 1, 1, 0.5)
    assert found.typical == timedelta(seconds=2)
    assert found.worst_lateness == timedelta(seconds=3)
    assert health(job()).rate is None


def test_streak(job):
    sick = with_runs(job(), Outcome.SUCCEEDED, Outcome.FAILED, Outcome.FAILED)
    assert streak(sick.runs) == (Outcome.FAILED, 2)
    assert streak([]) is None


def test_tables(job):
    sick = with_runs(job("sick"), Outcome.FAILED)
    text = health_table([job("new"), with_runs(job("well"), Outcome.SUCCEEDED), sick])
    assert [line.split()[0] for line in text.splitlines()] == ["job", "sick", "new", "well"]
    assert job_table([sick]).splitlines()[1].split() == ["sick", "active", "-", "failed", "every", "10m"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["fast", "off", "slow"]),
        ("tag:night", ["off"]),
        ("-tag:night", ["fast", "slow"]),
        ("state:paused", ["off"]),
        ("last:failed", ["fast"]),
        ("last:never -state:paused", ["slow"]),
        ("pace<1h", ["fast"]),
        ("due<1h", ["fast"]),
        ("due>1h", ["slow"]),
        ("name:?low task:*:noop", ["slow"]),
    ],
)
def test_queries(job, text, expected):
    jobs = [
        with_runs(job("fast"), Outcome.FAILED),
        job("off", "every 1h", tags=("night",), state=core.JobState.PAUSED),
        job("slow", "daily 06:00"),
    ]
    for each in jobs[::2]:
        each.schedule(core.now())
    assert [each.name for each in select(jobs, text)] == expected


@pytest.mark.parametrize("text", ["night", "tag=night", "colour:red", "state:happy", "last:sometimes", "due<soon"])
def test_odd_queries_are_refused(text):
    with pytest.raises(QueryError):
        select([], text)


def test_calendar(job):
    text = calendar([job("a", "daily 06:00", task="x" * 80 + ":y"), job("off", state=core.JobState.PAUSED)], timedelta(days=1))
    lines = text.split("\r\n")
    assert "DTSTART:20260303T060000Z" in lines
    assert "DTSTAMP:20260302T090000Z" in lines
    assert max(len(line) for line in lines) == 75
    assert text.count("BEGIN:VEVENT") == 1


def test_differences_are_told_by_path(job):
    here = [job("same"), job("moved", "every 5m"), job("mine")]
    there = [with_runs(job("same"), Outcome.FAILED), job("moved", "every 7m", tags=("x",)), job("yours")]
    assert [str(each) for each in differences(here, there)] == [
        "mine: only here",
        "moved: trigger.span.seconds: 300.0 here, 420.0 there",
        "moved: tags: [] here, ['x'] there",
        "yours: only there",
    ]


def test_another_kind_of_trigger_is_one_difference(job):
    (found,) = differences([job(trigger="daily 06:00")], [job(trigger="cron 0 6 * * *")])
    assert (found.path, found.here, found.there) == ("trigger", "daily 06:00", "cron 0 6 * * *")


def test_volatile_fields_count_on_demand(job):
    (found,) = differences([job()], [with_runs(job(), Outcome.FAILED)], volatile=True)
    assert found.path == "runs"
