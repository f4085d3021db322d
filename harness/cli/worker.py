"""The hidden command that runs trials: short ids come in on stdin, and a JSON line goes out for each thing that happens."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import typer

from harness.cli.runs import remembered
from harness.core.errors import StoreError
from harness.core.events import AgentStopped, Entry, ModelAsked, ModelReplied, ToolCalled, Trace, TrialStarted
from harness.core.ports import Observer
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.engine.pool import Line
from harness.engine.trial import run_trial
from harness.engine.world import Interrupted
from harness.log import EventLog
from harness.metrics.spend import Spend, paid, spend
from harness.plan import Plan
from harness.settings import read
from harness.store.sqlite import RunStore
from harness.wiring.shop import Shop, shop

SAID = (TrialStarted, ModelAsked, ModelReplied, ToolCalled, AgentStopped)
TICK_S = 1.0
GRACE_S = 7.0
"""So that trials are pending and containers gone within ten seconds of the first Ctrl-C."""
AGAIN_S = 5.0


class Stopping:
    """Whether the user asked to stop, by a signal or by the end of the process that started us.

    A clock strikes every second, so that a command or a silent server can't hold a stopping worker up: after the grace it is cut short.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._parent = os.getppid()
        self._cut = math.inf
        self.busy = False
        signal.signal(signal.SIGTERM, lambda *_: self._note())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, lambda *_: self._tick())
        signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)

    def _note(self) -> None:
        if self._since is None:
            self._since = time.monotonic()
            self._cut = self._since + GRACE_S

    def _tick(self) -> None:
        """Raise through whatever is under way; once more later, should somebody have swallowed it."""
        if self() is not None and self.busy and (time.monotonic() >= self._cut):
            self._cut = time.monotonic() + AGAIN_S
            raise Interrupted("stopped by the user during a command or a reply")

    def __call__(self) -> float | None:
        if os.getppid() != self._parent:
            self._note()
            self._cut = min(self._cut, self._since or 0.0)
        return None if self._since is None else time.monotonic() - self._since


class Teller:
    """An Observer that says on stdout what the person in front of the terminal wants to see, and logs the rest."""

    def __init__(self, store: RunStore, log: EventLog) -> None:
        self._store, self._log = store, log
        self._spent: dict[TrialKey, Spend] = {}
        self._shorts = {key: short for short, key in store.keys().items()}

    def see(self, key: TrialKey, entry: Entry) -> None:
        self._log.see(key, entry)
        spent = self._spent[key] = spend(self._spent.get(key, Spend()), entry)
        if isinstance(entry.event, SAID):
            tool = entry.event.name if isinstance(entry.event, ToolCalled) else ""
            say(Line(self._shorts[key], type(entry.event).__name__, spent.turns, tool, spent.tokens, spent.cost_usd))


def say(line: Line) -> None:
    """One line, at once; a parent that is gone does not matter any more."""
    try:
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        pass


def worker(folder: Path = typer.Argument(help="The run's folder.")) -> None:
    """Run the trials named on stdin."""
    store = RunStore(folder)
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    tasks = remembered(store, plan, read())
    stopping = Stopping()
    log = EventLog(folder / "run.log", store.meta("run"))
    open_shop = shop(folder, plan, read(), store.meta("harness"), stopping, log.note)
    observer = Teller(store, log)
    keys = store.keys()
    for word in sys.stdin.buffer:
        short = word.decode().strip()
        stopping.busy = True
        try:
            one(short, keys[short], tasks[keys[short].task], (store, open_shop, observer))
        except Interrupted:
            stopping.busy = False
            say(Line(short, "Interrupted"))
            break
        stopping.busy = False


def one(short: str, key: TrialKey, task: TaskSpec, parts: tuple[RunStore, Shop, Observer]) -> None:
    """One trial, from pen to settlement. Raises StoreError, Interrupted."""
    store, open_shop, observer = parts
    past = store.trace(key)
    pen = store.begin(key)
    job = open_shop.job(task, key, short, left_usd(store, open_shop.plan))
    world = open_shop.world(task, key, store.blobs, observer)
    try:
        run_trial(job, world, pen, past)
        store.settle(key, pen)
    except StoreError as fault:
        say(Line(short, "StoreFailed", text=str(fault)))
        raise
    finally:
        pay(store, key, past)
    say(Line(short, "Settled"))


def pay(store: RunStore, key: TrialKey, past: Trace) -> None:
    """Note what this trial cost just now, broken and interrupted tries included; a store that can't be written ends the run elsewhere."""
    with suppress(StoreError):
        usd = paid(store.trace(key)) - paid(past)
        if usd:
            store.note("paid", repr(usd))


def left_usd(store: RunStore, plan: Plan) -> float:
    """What is left of the run's money."""
    return max(0.0, plan.run_limits.cost_usd - sum(map(float, store.notes("paid"))))
