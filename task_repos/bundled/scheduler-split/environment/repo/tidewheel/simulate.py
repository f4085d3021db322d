"""What would run, without running it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import tidewheel.core
from tidewheel.core import Job, JobState, ManualClock, MemoryStore, Scheduler, TaskRegistry, set_clock


@dataclass(frozen=True)
class Forecast:
    """A run that would happen."""

    at: datetime
    job: str
    task: str


@contextmanager
def frozen(start: datetime) -> Iterator[ManualClock]:
    """Stop the package's clock at `start` for the length of a block; whatever clock was in force comes back."""
    previous = tidewheel.core._clock
    clock = ManualClock(start)
    set_clock(clock)
    try:
        yield clock
    finally:
        set_clock(previous)


class _DryRegistry(TaskRegistry):
    """A registry in which every reference leads to a task that does nothing."""

    def resolve(self, reference: str):
        def pretend(**_arguments: object) -> str:
            return f"would call {reference}"

        return pretend


def forecast(jobs: Iterable[Job], start: datetime, span: timedelta) -> list[Forecast]:
    """The runs of copies of the jobs within a span, in order."""
    copies = [job.clone(runs=[], next_due=None) for job in jobs if job.state is JobState.ACTIVE]
    with frozen(start) as clock:
        scheduler = Scheduler(MemoryStore(), _DryRegistry())
        for job in copies:
            scheduler.add(job)
        tasks = {job.name: job.task for job in copies}
        runs = scheduler.run_until(clock() + span, clock)
    return [Forecast(run.started, run.job, tasks[run.job]) for run in runs]


def busiest(forecasts: Iterable[Forecast], width: timedelta = timedelta(hours=1)) -> tuple[datetime, int] | None:
    """The window of `width` with the most runs, by its first run, and how many; the earliest of equals."""
    moments = sorted(each.at for each in forecasts)
    counts = [(sum(1 for other in moments if at <= other < at + width), at) for at in moments]
    if not counts:
        return None
    most = max(count for count, _ in counts)
    return next(at for count, at in counts if count == most), most
