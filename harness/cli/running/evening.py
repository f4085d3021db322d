"""A run from its first trial to its table: workers get short ids, settled trials become rows, and Ctrl-C leaves a lawful record."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import msgspec
from rich.console import Console

from harness.cli.preparing.prelude import Ready
from harness.cli.running.bounds import Bounds, spent_usd
from harness.cli.running.closing import close, give_up
from harness.cli.running.driving import driving
from harness.cli.running.occupying import occupying
from harness.cli.running.self_check import sentence, waves, withheld
from harness.cli.screen.layout import tell
from harness.cli.screen.live import Progress
from harness.cli.screen.tables import hint, show
from harness.core.errors import HarnessError, StoreFullError
from harness.engine.lineup import HANDFUL, Lineup, lined_up, served
from harness.engine.nursery import starting
from harness.engine.pool import Pool
from harness.engine.workers import Line
from harness.log import EventLog
from harness.metrics.row import Row, row
from harness.metrics.spend import paid
from harness.report.overview import Overview, overview
from harness.report.readout import about, rows
from harness.settings import Settings
from harness.store.sqlite import RunStore
from harness.wiring import machines
from harness.wiring.lanes import lanes

_HERE = "import sys; sys.path[:] = {path!r}; from harness.cli.main import main; main()"


def worker_argv(folder: Path, *words: str) -> tuple[str, ...]:
    """A worker that imports what we import: `-m` would look into the user's folder first, which may hold an `agents` of its own."""
    return (sys.executable, "-P", "-c", _HERE.format(path=sys.path), "worker", str(folder), *words)


class Evening:
    """What is left to do of one run. `pass_by` returns the exit code."""

    def __init__(
        self, ready: Ready, settings: Settings, console: Console, style: str, store: RunStore, *, words: tuple[str, ...] = ()
    ) -> None:
        """`words`: options for the workers."""
        self._ready, self._settings, self._console, self._style = ready, settings, console, style
        self._store, self._words = store, words
        self.run, self._folder = store.meta("run"), store.folder
        self._keys = store.keys()
        self._tasks = {task.id: task for task in ready.tasks}
        self._stops = 0
        self._deaths: Counter[str] = Counter()
        self._lost: dict[str, str] = {}
        self._full = self._gone = ""
        self._away: dict[str, str] = {}

    def pass_by(self, *, table: bool = True) -> int:
        """Run everything that is not settled, then the table. Raises PlanError when another process is at this run."""
        done, held = self._store.settled_shorts(), withheld(self._store)
        left = [short for short in self._keys if short not in done.union(held)]
        progress = Progress(self._console, self._style, self.run, self._keys, done=len(done), paid=self._paid())
        progress.held = len(held)
        if left or not self._store.meta("finished"):
            self._driven(left, progress)
        return self._told(progress, table=table)

    def _driven(self, left: list[str], progress: Progress) -> None:
        with ExitStack() as stack:
            stack.enter_context(occupying(self._settings, f"run {self.run}"))
            stack.enter_context(driving(self._folder))
            log = stack.enter_context(EventLog(self._folder / "run.log", self.run, aloud=self._settings.log))
            workers = stack.enter_context((self._folder / "workers.log").open("ab"))
            start = stack.enter_context(starting(worker_argv(self._folder, *self._words), workers.fileno()))
            pool = Pool(start, self._ready.plan.parallel)
            self._watched(stack, pool, progress)
            if left:
                self._store.forget("finished")
                self._worked(left, pool, progress, log)
            self._ended()
            self._sweep(log)

    def _watched(self, stack: ExitStack, pool: Pool, progress: Progress) -> None:
        """Both signals ask to stop, until the stack ends."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stop(pool, progress)

        for number in (signal.SIGINT, signal.SIGTERM):
            stack.callback(signal.signal, number, signal.signal(number, stop))

    def _reckoned(self, left: list[str]) -> None:
        """A worker that was killed could not say what its trial had cost by then; its record can."""
        begun = {short for short, standing in self._store.progress().items() if standing.tries}
        for short in left:
            if short in begun and (usd := paid(self._store.trace(self._keys[short]))):
                self._store.note("paid", f"{short} {usd!r}")

    def _worked(self, left: list[str], pool: Pool, progress: Progress, log: EventLog) -> None:
        bounds = Bounds(self._ready.plan.run_limits, time.monotonic())
        self._reckoned(left)
        if why := bounds.reached(bounds.began, self._paid()):
            progress.say(f"{why}: no new trials; {len(left)} stay pending")
            return

        def hear(line: Line) -> None:
            if line.event == "MachineGone":
                self._unmanned(line.text, pool, progress)
                return
            try:
                self._heard(line, progress, log)
                self._bound(line, bounds, pool, progress)
                self._deserted(line, progress)
            except StoreFullError as fault:
                self._filled(str(fault), pool, progress)
            if line.event == "StoreFull":
                self._filled(line.text, pool, progress)

        with progress:
            try:
                self._through(left, progress, lambda wave: pool.run(self._lineup(wave), hear, lambda short: self._again(short, progress)))
            except StoreFullError as fault:
                self._filled(str(fault), pool, progress)

    def _through(self, left: list[str], progress: Progress, run: Callable[[Sequence[str]], None]) -> None:
        """Wave by wave; nothing is decided for who wants to stop. What is never begun is said."""
        order = waves(self._store, left)
        run(next(order))
        for wave in order if not self._short else ():
            held = withheld(self._store)
            progress.held = len(held)
            if why := sentence(held):
                progress.say(why)
            run(wave)

    def _lineup(self, left: Sequence[str]) -> Lineup:
        """A block holds at least as many tasks as run at a time, so that no place stands empty while a server ends with one model."""
        plan = self._ready.plan
        places = lined_up({short: self._keys[short] for short in left}, lanes(plan, self._settings), max(HANDFUL, plan.parallel))
        return Lineup(places)

    def _filled(self, text: str, pool: Pool, progress: Progress) -> None:
        """No trial can be kept any more, and none is to blame: what is under way stays pending."""
        if not self._full:
            self._full = text
            progress.say(f"the disk is full ({text}): stopping; what was settled stays")
            pool.stop()

    def _unmanned(self, text: str, pool: Pool, progress: Progress) -> None:
        """Where no engine answers no trial can run, and giving out the next ones would break them all for nothing."""
        if not self._gone:
            self._gone = text
            progress.say(f"no new trials, the rest stays pending: {text}")
            pool.drain()

    def _deserted(self, line: Line, progress: Progress) -> None:
        """Where a server of one's own opens a model no more, further trials of it would break one after the other; other models go on."""
        key = self._keys[line.trial]
        model = served(key.model, key.variant)
        if line.event == "ModelGone" and model not in self._away:
            self._away[model] = line.text
            progress.say(f"no new trials of {model}, the rest stays pending: {line.text}")

    def _sweep(self, log: EventLog) -> None:
        """Killed workers, now or before we went on, can't clean up: their containers die by themselves, and what never started goes by its label."""
        try:
            gone = machines.sweep(self._settings, "", dry_run=False, run=self.run)
        except HarnessError as fault:
            log.note("sweep failed", text=str(fault))
        else:
            log.note("swept", containers=sum(each.removed for each in gone))

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
            self._reckoned([line.trial])
            if self._stops:
                close(self._store, self._keys[line.trial])
        log.of(line.trial).repeat(line.event, turn=line.turn, **({"tool": line.tool} if line.tool else {}))
        progress.hear(line)
        if line.event == "Settled":
            progress.settled(line.row or self._row(line.trial))

    def _bound(self, line: Line, bounds: Bounds, pool: Pool, progress: Progress) -> None:
        """At a limit of the run no new trial begins: the rest stays pending, because a run's end is no model's failure."""
        if line.event == "Settled" and (why := bounds.reached(time.monotonic(), self._paid())):
            self._store.note("limit", why)
            progress.say(f"{why}: no new trials, the rest stays pending")
            pool.drain()

    def _paid(self) -> float:
        return spent_usd(self._store.notes("paid"))

    def _row(self, short: str) -> Row:
        key = self._keys[short]
        return row(short, key, self._tasks[key.task], self._store.trace(key))

    def _again(self, short: str, progress: Progress) -> bool:
        """A worker that died took its trial with it: once more within the plan's tries, else it is broken, by our fault."""
        key, self._deaths[short] = self._keys[short], self._deaths[short] + 1
        if short in self._store.settled_shorts():  # it died after its work was done, before it could say so
            progress.settled(self._row(short))
            return False
        if self._short or served(key.model, key.variant) in self._away:
            return False
        if self._deaths[short] < self._ready.plan.tries:
            return True
        give_up(self._store, key, self._tasks[key.task], self._settings.host, self._lost.get(short, ""))
        progress.settled(self._row(short))
        return False

    def rows(self) -> tuple[Row, ...]:
        """Every planned trial's row as it is now."""
        return rows(self._store, self._tasks, self._store.meta("harness"))

    def _ended(self) -> None:
        """Said before the lock goes, so that nobody who watches takes an ended run for a killed one."""
        try:
            self._store.keep("finished", "" if self._short or self._away else time.strftime("%Y-%m-%dT%H:%M:%S%z"))
        except StoreFullError as fault:
            self._full = self._full or str(fault)

    def _told(self, progress: Progress, *, table: bool) -> int:
        told = overview(about(self._store), self.rows(), curve=False)
        if table and self._style == "json":
            progress.say_json("run", run=self.run, folder=str(self._folder), counts=msgspec.to_builtins(told.counts))
        elif table:
            self._shown(told)
        if self._full or self._gone or self._away:
            return 1
        return 130 if self._stops else exit_code(told)

    def _shown(self, told: Overview) -> None:
        show(told, self._console)
        tell(self._console, f"record: {_short(self._folder)}   longhaul report {self.run}")
        hint(told, self._console)
        if (failed := first_failed(told.rows)) is not None:
            tell(self._console, f"what happened in {failed.trial}: longhaul show {self.run} {failed.trial}")
        if left := told.counts.pending - len(withheld(self._store)):
            tell(self._console, f"{left} pending: {self._needed()}longhaul resume {self.run}")

    @property
    def _short(self) -> bool:
        """Whether no trial at all is given out any more."""
        return bool(self._stops or self._full or self._gone)

    def _needed(self) -> str:
        """What must be done before the run can go on."""
        if self._full:
            return "make space on its disk, then "
        if self._gone:
            return "bring the engine back, then "
        return f"bring back the server of {', '.join(self._away)}, then " if self._away else ""


def first_failed(rows: tuple[Row, ...]) -> Row | None:
    """The first trial whose end asks for a look; that idle fails is as it must be."""
    return next((row for row in rows if row.outcome in ("failed", "broken", "invalid") and row.agent != "idle"), None)


def exit_code(told: Overview) -> int:
    """1 where something is wrong with the world or a task; failed trials alone are 0."""
    return 1 if told.counts.broken or told.counts.invalid else 0


def _short(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
