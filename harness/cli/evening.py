"""A run from its first trial to its table: workers get short ids, settled trials become rows, and Ctrl-C leaves a lawful record."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
from rich.console import Console

from harness.cli.bounds import Bounds
from harness.cli.layout import tell
from harness.cli.live import Progress
from harness.cli.prelude import Ready
from harness.cli.runs import remember
from harness.cli.tables import show
from harness.core.errors import HarnessError, PlanError, StoreError
from harness.core.events import Digests, TrialBroke, TrialInterrupted, TrialStarted
from harness.core.trial import TrialKey
from harness.engine.pool import Line, Pool
from harness.engine.recorder import Recorder
from harness.log import EventLog
from harness.metrics.row import Row, row
from harness.plan import keys
from harness.report.readout import rows
from harness.report.summary import Summary, summary
from harness.settings import Settings
from harness.store.sqlite import RunStore, create
from harness.wiring import machines
from harness.wiring.digests import of_harness

_HERE = "import sys; sys.path[:] = {path!r}; from harness.cli.main import main; main()"


def worker_argv(folder: Path) -> tuple[str, ...]:
    """A worker that imports what we import: `-m` would look into the user's folder first, which may hold an `agents` of its own."""
    return (sys.executable, "-P", "-c", _HERE.format(path=sys.path), "worker", str(folder))


class Evening:
    """One run. `pass_by` returns the exit code."""

    def __init__(
        self, ready: Ready, settings: Settings, console: Console, style: str, name: str,
        *, skip: Callable[[TrialKey], bool] = lambda _key: False,
    ) -> None:
        """`skip`: trials that are not planned at all."""
        self._skip = skip
        self._ready, self._settings, self._console, self._style = ready, settings, console, style
        self.run = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        self._folder = settings.home / "runs" / self.run
        self._store = self._begin(name)
        self._keys = self._store.keys()
        self._tasks = {task.id: task for task in ready.tasks}
        self._stops = 0
        self._deaths: Counter[str] = Counter()
        self._lost: dict[str, str] = {}

    def pass_by(self, *, table: bool = True) -> int:
        """Run everything that is planned, then the table."""
        log = EventLog(self._folder / "run.log", self.run)
        with (self._folder / "workers.log").open("ab") as workers:
            pool = Pool(worker_argv(self._folder), self._ready.plan.parallel, workers.fileno())
            progress = Progress(self._console, len(self._keys), self._style, self._name)
            before = {number: signal.signal(number, lambda *_: self._stop(pool, progress)) for number in (signal.SIGINT, signal.SIGTERM)}
            with progress:
                bounds = Bounds(self._ready.plan.run_limits, time.monotonic())

                def hear(line: Line) -> None:
                    self._heard(line, progress, log)
                    self._bound(line, bounds, pool, progress)

                pool.run(self._keys, hear, lambda short: self._again(short, progress))
            for number, handler in before.items():
                signal.signal(number, handler)
        if self._stops > 1:
            self._sweep(log)
        return self._end(progress, table=table)

    def _sweep(self, log: EventLog) -> None:
        """Killed workers can't clean up: their containers die by themselves, and what is slow to die goes by its label."""
        try:
            gone = machines.sweep(self._settings, "", dry_run=False)
        except HarnessError as fault:
            log.note("sweep failed", text=str(fault))
        else:
            log.note("swept", containers=sum(each.removed for each in gone))

    def _begin(self, name: str) -> RunStore:
        plan = self._ready.plan
        ids = tuple(task.id for task in self._ready.tasks)
        meta = {
            "run": self.run, "name": name or plan.name, "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "plan": msgspec.json.encode(plan).decode(), "harness": of_harness(), "host": self._settings.host,
        }
        every = keys(self.run, plan.attempts, ids, self._ready.combinations)
        wanted = tuple(key for key in every if not self._skip(key))
        try:
            store = create(self._folder, wanted, meta)
            remember(store, self._ready.tasks)
        except StoreError as fault:
            raise PlanError(str(self._settings.home), "LONGHAUL_HOME", str(fault), "a folder that can be written") from fault
        return store

    def _name(self, short: str) -> str:
        key = self._keys[short]
        return f"{key.task} {key.agent}" + (f" {key.model}" if key.model != "none" else "")

    def _stop(self, pool: Pool, progress: Progress) -> None:
        """Called by the signal: the first asks the workers to end, the second kills them."""
        self._stops += 1
        pool.stop()
        progress.say("stopping: no new trials; those under way become pending (once more: at once)" if self._stops == 1 else "stopping at once")

    def _heard(self, line: Line, progress: Progress, log: EventLog) -> None:
        if line.event == "StoreFailed":
            self._lost[line.trial] = line.text
        if line.event == "Died":
            log.note("worker died", trial=line.trial, text=line.text)
            self._close(line.trial)
        progress.hear(line)
        if line.event == "Settled":
            progress.settled(self._row(line.trial))

    def _bound(self, line: Line, bounds: Bounds, pool: Pool, progress: Progress) -> None:
        """At a limit of the run no new trial begins: the rest stays pending, because a run's end is no model's failure."""
        if line.event == "Settled" and (why := bounds.reached(time.monotonic(), sum(map(float, self._store.notes("paid"))))):
            self._store.note("limit", why)
            progress.say(f"{why}: no new trials, the rest stays pending")
            pool.drain()

    def _row(self, short: str) -> Row:
        key = self._keys[short]
        return row(short, key, self._tasks[key.task], self._store.trace(key))

    def _again(self, short: str, progress: Progress) -> bool:
        """A worker that died took its trial with it: once more within the plan's tries, else it is broken, by our fault."""
        key, self._deaths[short] = self._keys[short], self._deaths[short] + 1
        if key in self._store.settled():  # it died after its work was done, before it could say so
            progress.settled(self._row(short))
            return False
        if self._deaths[short] < self._ready.plan.tries and not self._stops:
            return True
        if not self._stops:
            self._break(short, key)
            progress.settled(self._row(short))
        return False

    def _break(self, short: str, key: TrialKey) -> None:
        """Close a trial whose worker died for good: by the store's fault where the worker could still say so, else by ours."""
        past, pen = self._store.trace(key), self._store.begin(key)
        record = Recorder(key, pen, time.monotonic, _Deaf(), past)
        if not past:
            digests = Digests(self._tasks[key.task].digest, "", "", of_harness())
            record(TrialStarted(key, 1, None, None, digests, "{}", self._settings.host))
        text = self._lost.get(short)
        record(TrialBroke("store" if text else "harness", text or "the worker process died; see workers.log", will_retry=False))
        self._store.settle(key, pen)

    def _close(self, short: str) -> None:
        """A worker killed by the second Ctrl-C could not say so itself: its trial is pending, not half graded."""
        key = self._keys[short]
        past = self._store.trace(key)
        if self._stops and past and not isinstance(past[-1].event, (TrialBroke, TrialInterrupted)):
            record = Recorder(key, self._store.begin(key), time.monotonic, _Deaf(), past)
            record(TrialInterrupted("the worker was killed"))

    def rows(self) -> tuple[Row, ...]:
        """Every planned trial's row as it is now."""
        return rows(self._store, self._tasks)

    def _end(self, progress: Progress, *, table: bool) -> int:
        told = summary(self.run, self.rows())
        if table and self._style != "json":
            show(told, self._console)
            tell(self._console, f"record: {_short(self._folder)}   longhaul report {self.run}")
            if (failed := first_failed(told.rows)) is not None:
                tell(self._console, f"what happened in {failed.trial}: longhaul show {self.run} {failed.trial}")
        if table and self._style == "json":
            progress.say_json("run", run=self.run, folder=str(self._folder), counts=msgspec.to_builtins(told.counts))
        self._store.keep("finished", "" if self._stops else time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        return 130 if self._stops else exit_code(told)


class _Deaf:
    def see(self, *_: object) -> None:
        """Nobody watches a record that is being closed."""


def first_failed(rows: tuple[Row, ...]) -> Row | None:
    """The first trial whose end asks for a look; that idle fails is as it must be."""
    return next((row for row in rows if row.outcome in ("failed", "broken", "invalid") and row.agent != "idle"), None)


def exit_code(told: Summary) -> int:
    """1 where something is wrong with the world or a task; failed trials alone are 0."""
    return 1 if told.counts.broken or told.counts.invalid else 0


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
