"""Doing periodic jobs when they are due."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sluice.clock import Clock
from sluice.errors import SluiceError
from sluice.model.schedule import Every, Timetable

Job = Callable[[], object]
LONGEST_NAP = 60.0


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that was run, and why it failed if it did."""

    name: str
    at: datetime
    problem: str | None = None


class Scheduler:
    """Runs jobs one after another; a job that was missed several times is run once. A failing job is due again as usual."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._table = Timetable()
        self._jobs: dict[str, Job] = {}
        self._running = threading.Lock()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self.runs: list[JobRun] = []

    @property
    def is_running(self) -> bool:
        return self._thread is not None

    def add(self, name: str, schedule: Every, job: Job) -> None:
        self._table.add(name, schedule, self._clock.now())
        self._jobs[name] = job

    def jobs(self) -> list[tuple[str, str, datetime]]:
        """(name, schedule, next due time) of each job."""
        return self._table.table()

    def run_due(self) -> list[JobRun]:
        """Run what is due, the longest waiting first; nobody else runs a job meanwhile."""
        found = []
        with self._running:
            for name in self._table.due(self._clock.now()):
                found.append(self._run_job(name))
        self.runs.extend(found)
        return found

    def start(self) -> None:
        """Run jobs in the background as they come due."""
        if self._thread is None:
            self._ending.clear()
            self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the work in the background; a job on its way is finished first."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ending.set()
            thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            self.run_due()
            due = self._table.next_due()
            nap = LONGEST_NAP if due is None else (due - self._clock.now()).total_seconds()
            self._clock.pause(self._ending, min(max(nap, 0.0), LONGEST_NAP))

    def _run_job(self, name: str) -> JobRun:
        at, problem = self._clock.now(), None
        try:
            self._jobs[name]()
        except SluiceError as error:
            problem = f"{type(error).__name__}: {error}"
        finally:
            self._table.done(name, self._clock.now())
        return JobRun(name, at, problem)
