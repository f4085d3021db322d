"""The scheduler: what runs when, what is kept, who is told."""

from datetime import timedelta

import pytest

from tidewheel import core
from tidewheel.core import (
    Event,
    JobAdded,
    JobError,
    JobMisfired,
    JobState,
    MemoryStore,
    Outcome,
    Retry,
    RunFinished,
    RunStarted,
    Scheduler,
    TaskRegistry,
)


@pytest.fixture
def scheduler():
    return Scheduler()


def test_nothing_is_due_at_first(scheduler, job):
    scheduler.add(job())
    assert scheduler.due() == []
    assert scheduler.run_due() == []


def test_due_jobs_run_and_are_scheduled_anew(scheduler, job, clock):
    tick = scheduler.add(job())
    clock.advance(timedelta(minutes=11))
    (run,) = scheduler.run_due()
    assert (run.outcome, run.lateness) == (Outcome.SUCCEEDED, timedelta(minutes=1))
    assert tick.next_due == clock() + timedelta(minutes=9)


def test_the_longest_overdue_runs_first(scheduler, job, clock):
    for name, trigger in (("late", "daily 09:02"), ("later", "daily 09:01"), ("also", "daily 09:01")):
        scheduler.add(job(name, trigger))
    clock.advance(timedelta(minutes=2))
    assert [each.name for each in scheduler.due()] == ["also", "later", "late"]


def test_names_are_unique(scheduler, job):
    scheduler.add(job())
    with pytest.raises(JobError, match="already"):
        scheduler.add(job())
    scheduler.add(job(trigger="daily 06:00"), replace_existing=True)
    assert scheduler.get("tick").trigger.notation() == "daily 06:00"


def test_unknown_names(scheduler):
    with pytest.raises(JobError, match="no job 'x'"):
        scheduler.get("x")


def test_jobs_by_tag(scheduler, job):
    scheduler.add(job("b", tags=("night",)))
    scheduler.add(job("a"))
    assert [each.name for each in scheduler.jobs()] == ["a", "b"]
    assert [each.name for each in scheduler.jobs("night")] == ["b"]


def test_pause_and_resume(scheduler, job, clock):
    scheduler.add(job())
    scheduler.pause("tick")
    clock.advance(timedelta(hours=1))
    assert scheduler.due() == []
    assert scheduler.next_due() is None
    scheduler.resume("tick")
    assert scheduler.next_due() == clock() + timedelta(minutes=10)
    with pytest.raises(JobError, match="not paused"):
        scheduler.resume("tick")


def test_finished_jobs_cannot_be_paused(scheduler, job, clock):
    once = scheduler.add(job(trigger="once 2026-03-02T09:01"))
    clock.advance(timedelta(minutes=1))
    scheduler.run_due()
    assert once.state is JobState.FINISHED
    with pytest.raises(JobError, match="finished"):
        scheduler.pause("tick")


def test_misfires_are_left_out_and_told(scheduler, job, clock):
    told = []
    scheduler.events.subscribe(told.append, JobMisfired)
    scheduler.add(job())
    clock.advance(timedelta(minutes=15))
    (run,) = scheduler.run_due()
    assert (run.outcome, run.message) == (Outcome.MISFIRED, "5m late")
    assert [event.late for event in told] == [timedelta(minutes=5)]


def test_the_grace_is_a_setting(scheduler, job, clock):
    core.configure(misfire_grace=timedelta(minutes=10))
    scheduler.add(job())
    clock.advance(timedelta(minutes=15))
    (run,) = scheduler.run_due()
    assert run.outcome is Outcome.SUCCEEDED


def test_failures_are_retried(scheduler, job, clock, caplog):
    failing = scheduler.add(job(task="tidewheel.core:fail", arguments={"reason": "no"}, retry=Retry(2, timedelta(minutes=1))))
    clock.advance(timedelta(minutes=10))
    (first,) = scheduler.run_due()
    assert first.message == "JobError: no"
    assert failing.next_due == clock() + timedelta(minutes=1)
    clock.advance(timedelta(minutes=1))
    (second,) = scheduler.run_due()
    assert second.attempt == 2
    assert "job tick failed: no" in caplog.text


def test_unknown_tasks_make_the_run_fail(scheduler, job):
    scheduler.add(job(task="nowhere:nothing"))
    assert scheduler.run("tick").message.startswith("TaskError")


def test_results_become_messages(job):
    registry = TaskRegistry()

    def answer():
        return 42

    reference = registry.reference(registry.register(answer))
    scheduler = Scheduler(registry=registry)
    scheduler.add(job(task=reference))
    assert scheduler.run("tick").message == "42"


def test_every_change_is_saved(job):
    store = MemoryStore()
    scheduler = Scheduler(store)
    scheduler.add(job())
    scheduler.run("tick")
    assert len(Scheduler(store).get("tick").runs) == 1
    scheduler.remove("tick")
    assert Scheduler(store).jobs() == []


def test_events_come_in_order(scheduler, job):
    told = []
    scheduler.events.subscribe(told.append)
    scheduler.add(job())
    scheduler.run("tick")
    scheduler.remove("tick")
    assert [event.kind for event in told] == ["job added", "run started", "run finished", "job removed"]


def test_listeners_choose_kinds_and_leave(scheduler, job):
    started, finished = [], []
    leave = scheduler.events.subscribe(started.append, RunStarted)
    scheduler.events.subscribe(finished.append, RunFinished)
    scheduler.add(job())
    scheduler.run("tick")
    leave()
    leave()
    scheduler.run("tick")
    assert (len(started), len(finished)) == (1, 2)
    assert finished[0].run.job == "tick"


def test_a_failing_listener_does_not_stop_the_others(scheduler, job, caplog):
    told = []

    def broken(event: Event) -> None:
        raise RuntimeError(event.kind)

    scheduler.events.subscribe(broken)
    scheduler.events.subscribe(told.append, JobAdded)
    scheduler.add(job())
    assert len(told) == 1
    assert "a listener failed on job added of tick" in caplog.text


def test_run_until_drives_the_clock(scheduler, job, clock):
    scheduler.add(job())
    scheduler.add(job("hourly", "every 1h"))
    end = clock() + timedelta(hours=1)
    runs = scheduler.run_until(end, clock)
    assert [run.job for run in runs] == ["tick"] * 5 + ["hourly", "tick"]
    assert clock() == end


def test_the_default_scheduler_is_one(scheduler):
    assert core.default_scheduler() is core.default_scheduler()
    core.reset_default_scheduler(scheduler)
    assert core.default_scheduler() is scheduler


def test_log_messages_go_to_the_log(job, caplog):
    core.default_scheduler().add(job(task="tidewheel.core:log_message", arguments={"text": "hello", "level": "warning"}))
    run = core.default_scheduler().run("tick")
    assert run.message == "hello"
    assert [(record.levelname, record.message) for record in caplog.records] == [("WARNING", "hello")]
