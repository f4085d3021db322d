"""The hidden command that runs trials: short ids come in on stdin, and a JSON line goes out for each thing that happens."""

from __future__ import annotations

import os
import sys
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import msgspec
import typer

from harness.cli.record.runs import remembered
from harness.cli.running.bounds import spent_usd
from harness.cli.running.closing import settle
from harness.cli.running.stopping import Stopping
from harness.cli.running.telling import Teller, say
from harness.cli.running.warmth import warm
from harness.core.errors import MachineGoneError, MissingError, ModelGoneError, StoreError, StoreFullError
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.engine.nursery import is_nursery, tend
from harness.engine.trial import run_trial
from harness.engine.workers import Line
from harness.engine.world import Interrupted
from harness.log import EventLog
from harness.metrics.spend import paid
from harness.plan import Plan
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring.forking import begun
from harness.wiring.machines import has_image
from harness.wiring.shop import Shop, shop


class Stock(msgspec.Struct, frozen=True):
    """What all workers of a run share, read before they are forked."""

    folder: Path
    run: str
    harness: str
    plan: Plan
    tasks: dict[str, TaskSpec]
    keys: dict[str, TrialKey]
    settings: Settings
    go_on: bool
    pins: dict[str, str]


def worker(
    folder: Path = typer.Argument(help="The run's folder."),
    continue_: bool = typer.Option(False, "--continue", help="Go on from an interrupted try's last tree where that can be restored."),
) -> None:
    """Run the trials named on stdin; where that is a socket, fork a worker for each request."""
    stock = stocked(folder, go_on=continue_)
    if not is_nursery():
        serve(stock, os.getppid())
        return
    warm(stock.plan, stock.tasks.values())
    tend(lambda parent: serve(stock, parent))


def stocked(folder: Path, *, go_on: bool) -> Stock:
    """Read once; the store is closed again, because no open database outlives a fork."""
    store, settings = RunStore(folder), read()
    plan = msgspec.json.decode(store.meta("plan"), type=Plan)
    tasks, pins = remembered(store, plan, settings), msgspec.json.decode(store.meta("pins") or "{}", type=dict[str, str])
    stock = Stock(folder, store.meta("run"), store.meta("harness"), plan, tasks, store.keys(), settings, go_on, pins)
    store.close()
    return stock


def serve(stock: Stock, parent: int) -> None:
    """A worker's life: one trial after the other until stdin ends or the user asked to stop."""
    stopping, store = Stopping(parent), RunStore(stock.folder)
    log = EventLog(stock.folder / "run.log", stock.run)
    try:
        open_shop = msgspec.structs.replace(shop(stock.folder, stock.plan, stock.settings, stock.harness, stopping, log.note), pins=stock.pins)
    except MissingError as fault:  # all was there when the run began
        say(Line("", "MachineGone", text=str(fault)))
        raise
    with closing(store), log:
        for word in sys.stdin.buffer:
            short = word.decode().strip()
            key = stock.keys[short]
            stopping.busy = True
            try:
                one(short, key, stock.tasks[key.task], (store, open_shop, Teller(short, log.of(short))), go_on=stock.go_on)
            except Interrupted:
                say(Line(short, "Interrupted"))
                break
            finally:
                stopping.busy = False


def one(short: str, key: TrialKey, task: TaskSpec, parts: tuple[RunStore, Shop, Teller], *, go_on: bool) -> None:
    """One trial, from pen to settlement, or until its model is gone. `go_on`: from where an interrupted try was, where that can be.

    Raises StoreError, Interrupted.
    """
    store, open_shop, observer = parts
    pen = store.begin(key)  # first, so that whoever held the trial before can't add to what is read here
    past = store.trace(key)
    job = open_shop.job(task, key, short, left_usd(store, open_shop.plan))
    world = open_shop.world(task, key, store.blobs, observer)
    there = partial(_there, open_shop.settings) if go_on else None
    try:
        run_trial(begun(job, world, store, past, there=there), world, pen, past)
        told = settle(store, key, task, pen)
    except StoreFullError as fault:
        say(Line(short, "StoreFull", text=str(fault)))
        raise
    except MachineGoneError as fault:
        say(Line(short, "MachineGone", text=str(fault)))
        raise
    except StoreError as fault:
        say(Line(short, "StoreFailed", text=str(fault)))
        raise
    except ModelGoneError as fault:
        end = Line(short, "ModelGone", text=str(fault))
    else:
        end = Line(short, "Settled", row=told)
    finally:
        pay(store, short, paid(past) + observer.paid)
    say(end)


def _there(settings: Settings, image: str) -> bool:
    """Whether a kept machine is still on this engine, which answered when the run began. Raises MachineGoneError."""
    try:
        return has_image(settings, image)
    except MissingError as fault:
        raise MachineGoneError(str(fault)) from fault


def pay(store: RunStore, short: str, usd: float) -> None:
    """Note what this trial cost so far, broken and interrupted tries included; a store that can't be written ends the run elsewhere."""
    with suppress(StoreError):
        if usd:
            store.note("paid", f"{short} {usd!r}")


def left_usd(store: RunStore, plan: Plan) -> float:
    """What is left of the run's money."""
    return max(0.0, plan.run_limits.cost_usd - spent_usd(store.notes("paid")))
