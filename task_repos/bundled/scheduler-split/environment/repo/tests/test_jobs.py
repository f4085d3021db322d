"""Jobs, retries and the registry of tasks."""

from datetime import timedelta

import pytest

from tidewheel import core
from tidewheel.core import REGISTRY, Job, JobError, JobState, Outcome, Retry, Run, TaskError, TaskRegistry


def run_of(job, outcome=Outcome.SUCCEEDED, attempt=1):
    return Run(job.name, core.now(), core.now(), core.now(), outcome, attempt)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1x", Retry()),
        ("3x 1m", Retry(3, timedelta(minutes=1))),
        ("5x 10s *1.5", Retry(5, timedelta(seconds=10), 1.5)),
    ],
)
def test_retry_notation(text, expected):
    assert Retry.parse(text) == expected
    assert Retry.parse(str(expected)) == expected


@pytest.mark.parametrize("text", ["", "x", "3", "0x", "3x 10s *0.5", "3x soon"])
def test_odd_retries_are_refused(text):
    with pytest.raises(core.TidewheelError):
        Retry.parse(text)


def test_delays_grow_up_to_the_ceiling():
    retry = Retry(6, timedelta(minutes=10), 3.0)
    delays = [retry.delay_before(attempt) for attempt in range(1, 8)]
    assert delays == [None, *(timedelta(minutes=minutes) for minutes in (10, 30, 60, 60, 60)), None]


@pytest.mark.parametrize("name", ["", "two words", "a/b", "é!"], ids=["empty", "blank", "slash", "mark"])
def test_odd_names_are_refused(job, name):
    with pytest.raises(JobError):
        job(name)


def test_schedule_and_due(job, clock):
    tick = job()
    assert tick.schedule(core.now()) == clock() + timedelta(minutes=10)
    assert not tick.is_due(clock())
    assert tick.is_due(clock() + timedelta(minutes=10))


def test_a_job_without_a_next_moment_is_finished(job):
    past = job(trigger="once 2020-01-01")
    assert past.schedule(core.now()) is None
    assert past.state is JobState.FINISHED


def test_failed_runs_are_tried_again_after_a_delay(job, clock):
    tick = job(retry=Retry(2, timedelta(seconds=30)))
    tick.reschedule(run_of(tick, Outcome.FAILED))
    assert (tick.attempt, tick.next_due) == (2, clock() + timedelta(seconds=30))
    tick.reschedule(run_of(tick, Outcome.FAILED, attempt=2))
    assert (tick.attempt, tick.next_due) == (1, clock() + timedelta(minutes=10))


def test_history_is_as_long_as_the_settings_say(job):
    core.configure(history=3)
    tick = job()
    for attempt in range(1, 6):
        tick.record(run_of(tick, attempt=attempt))
    assert [run.attempt for run in tick.runs] == [3, 4, 5]
    assert tick.last_run.attempt == 5


def test_clones_are_independent(job):
    first = job(arguments={"paths": ["a"]})
    second = first.clone(name="other")
    second.arguments["paths"].append("b")
    assert first.arguments == {"paths": ["a"]}
    assert second.name == "other"


def test_plain_data_and_back(job):
    tick = job(tags=("x",), arguments={"n": 1, "deep": {"list": [1, None, "a"]}})
    tick.record(run_of(tick))
    assert Job.from_dict(tick.to_dict()) == tick
    with pytest.raises(JobError, match="Retry is not a job"):
        Job.from_dict(core.encode(Retry()))


def test_submit_goes_to_the_default_scheduler(job):
    tick = job().submit()
    assert core.default_scheduler().get("tick") is tick


def test_tasks_are_found_by_reference():
    assert REGISTRY.resolve("tidewheel.core:noop") is core.noop
    assert REGISTRY.reference(core.log_message) == "tidewheel.core:log_message"


@pytest.mark.parametrize("reference", ["noop", "tidewheel.core:", ":noop", "tidewheel.core:Job", "no.such.module:task"])
def test_references_that_lead_nowhere(reference):
    with pytest.raises(TaskError):
        REGISTRY.resolve(reference)


def test_a_second_task_of_the_same_name_is_refused():
    registry = TaskRegistry()

    def work():
        return 1

    assert registry.register(work) is work
    assert registry.register(work) is work

    def imposter():
        return 2

    imposter.__qualname__ = work.__qualname__
    with pytest.raises(TaskError, match="already"):
        registry.register(imposter)
    assert registry.names() == [registry.reference(work)]


def test_prune_runs(job):
    tick = job().submit()
    for attempt in range(1, 5):
        tick.record(run_of(tick, attempt=attempt))
    assert core.prune_runs(keep=1) == 3
    assert [run.attempt for run in tick.runs] == [4]
