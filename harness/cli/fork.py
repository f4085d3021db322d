"""`longhaul fork`: a trial once more from the end of one of its turns, under another view, model or seed, as a run of its own."""

from __future__ import annotations

import hashlib
import shutil
from typing import NamedTuple

import msgspec
import typer
from rich.console import Console

from harness.cli.context.aiding import aided
from harness.cli.context.scenes import Asked
from harness.cli.preparing.prelude import Ready, greeted
from harness.cli.record.runs import Held, held, trial
from harness.cli.record.tried import undamaged, until, wrong_turn
from harness.cli.running.evening import Evening
from harness.cli.running.founding import founded, nameable, new_id
from harness.cli.running.occupying import occupying
from harness.cli.screen.layout import tell
from harness.cli.screen.live import styled
from harness.core.agent import Aid
from harness.core.errors import PlanError
from harness.core.events import ModelAsked, Trace, TrialStarted
from harness.core.lived import PastLived
from harness.core.trial import Parent, TrialKey
from harness.engine.fork import agrees
from harness.engine.moment import entries_at, turns, unrestored
from harness.engine.moment import image as kept_image
from harness.metrics.tries import last, latest, of
from harness.plan import NO_MODEL, ModelEntry, Plan, checked
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring import forking, machines
from harness.wiring.predicted import AGENT as MADE_ELSEWHERE
from harness.wiring.replays import probe_of
from harness.wiring.shop import agent, tools


class Wanted(NamedTuple):
    """What was asked for, beside the trial."""

    turn: int
    model: str
    view: str
    seed: int | None
    attempts: int
    allow_remote: bool
    allow_offload: bool


class Origin(NamedTuple):
    """The trial that is forked: its run, its name there, its key, and its record up to the try that is meant."""

    opened: Held
    short: str
    key: TrialKey
    trace: Trace

    @property
    def number(self) -> int:
        return len(of(self.trace, TrialStarted))


def fork(
    run: str = typer.Argument(metavar="RUN", help="A run's id, its beginning, its name, or last."),
    trial_name: str = typer.Argument(metavar="TRIAL", help="A trial's short id, such as t0003."),
    turn: int = typer.Option(..., "--turn", help="Go on from the end of this turn; 0 is before the first question."),
    model: str = typer.Option("", "-m", "--model", help="KIND/NAME of another model; without it the same."),
    view: str = typer.Option("full", "--view", help="full; short: system text, request, and a digest of the work so far; fresh, pad, clean, state: docs/probe.md."),
    seed: int = typer.Option(None, "--seed", help="Another plan seed; without it the first attempt has the parent's sampling seed."),
    attempts: int = typer.Option(1, "-n", "--attempts", min=1, help="How often."),
    number: int = typer.Option(None, "--try", help="An earlier try of the trial; the latest without it."),
    name: str = typer.Option("", "--run", help="A name for the new run."),
    parallel: int = typer.Option(1, "--parallel", min=1, help="Trials at a time."),
    max_cost: float = typer.Option(None, "--max-cost", min=0, help="USD that priced models may cost in the new run."),
    allow_remote: bool = typer.Option(False, "--allow-remote", help="Accept a model that is served elsewhere: code leaves the machine."),
    allow_offload: bool = typer.Option(False, "--allow-offload", help="Accept a model that is partly on the CPU."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the table at the end."),
    json_lines: bool = typer.Option(False, "--json-lines", help="A JSON object for each thing that happens, one a line."),
) -> int:
    """Go on from the end of a turn of a recorded trial, in a new run; what came before is lived through at no model cost.

    Example: longhaul fork last t0001 --turn 12 --view short -n 3
    """
    console, settings, called = Console(), read(), nameable(name)
    style = styled(console, quiet=quiet, json_lines=json_lines)

    def speak(text: str) -> None:
        if style in ("live", "lines"):
            tell(console, text)

    wanted = Wanted(turn, model, forking.itemless(view), seed, attempts, allow_remote, allow_offload)
    opened = held(run, settings)
    short, key = trial(trial_name, opened.store)
    if key.agent == MADE_ELSEWHERE:
        raise PlanError("", "TRIAL", f"{short}, a patch that was made elsewhere", "an agent's trial: a patch has no turns to go on from")
    if probe_of(opened.store) is not None:
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, a probe", "the run that it replays: a replay lasts until its opportunity and no longer")
    with occupying(settings):
        with undamaged(opened.store.folder):
            origin = Origin(opened, short, key, until(opened.store.trace(key), number, short))
            image, lost = _possible(origin, wanted, settings)
            ready = greeted(_plan(opened.plan, key, wanted, parallel, max_cost), (opened.tasks[key.task],), settings, speak)
            _same_image(origin, ready)
            store = _founded(origin, wanted, ready, settings, (image, lost, called))
        for line in (*(f"not restored: {line}" for line in lost), *_windows(origin, ready)):
            tell(console, line)
        code = Evening(ready, settings, console, style, store).pass_by()
    for line in _lost_later(store, lost):
        tell(console, f"not restored: {line}")
    return code


def _possible(origin: Origin, wanted: Wanted, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """The kept machine to start from, and what a fork there can't restore. Raises PlanError for a turn that is none, and for an agent that would not wish the same again."""
    able = turns(origin.trace)
    if wanted.turn not in able:
        raise wrong_turn(wanted.turn, able, origin.short)
    get = origin.opened.store.blobs.get
    entries = entries_at(origin.trace, wanted.turn)
    parted = _parted(origin, entries)
    if parted:
        raise PlanError("", "TRIAL", f"{origin.short}: {parted}", "an agent that wishes again what is on record; it was another then")
    kept = kept_image(entries, get)
    gone = bool(kept) and not machines.has_image(settings, kept)
    lost = unrestored(origin.trace, wanted.turn, watched=origin.opened.plan.forkable and not gone)
    missing = (f"the machine kept at that turn ({kept[:19]}): its image is gone, so that what was changed outside the workspace is, too",)
    return "" if gone else kept, (*lost, *(missing if gone else ()))


def _same_image(origin: Origin, ready: Ready) -> None:
    """A past can't be restored over another image than it was lived on. Raises PlanError."""
    then = msgspec.json.decode(origin.opened.store.meta("pins") or "{}", type=dict[str, str])
    field = f"task {origin.key.task}: image"
    if field in then and ready.pins[field] != then[field]:
        raise PlanError("", field, ready.pins[field], f"{then[field]}, on which {origin.short} worked")


def _parted(origin: Origin, entries: Trace) -> str:
    """How today's agent parts from the past, or ""."""
    opened, key = origin.opened, origin.key
    task, get = opened.tasks[key.task], opened.store.blobs.get
    doer = agent(next(entry for entry in opened.plan.agents if entry.use == key.agent), task)
    specs = tuple(tool.spec for tool in tools(doer, task, opened.plan).values())
    parted = agrees(forking.probe(entries, get), doer, specs, get)
    return str(parted) if parted else ""


def _plan(plan: Plan, key: TrialKey, wanted: Wanted, parallel: int, max_cost: float | None) -> Plan:
    """The parent's plan with one combination, and what was asked to be otherwise."""
    use = wanted.model or key.model
    entry = next((each for each in plan.models if each.use == use), ModelEntry(use))
    if key.model == NO_MODEL and wanted.model:
        raise PlanError("", "-m", wanted.model, f"no model: {key.agent} asks none")
    allow = msgspec.structs.replace(
        plan.allow, remote=plan.allow.remote or wanted.allow_remote, offload=plan.allow.offload or wanted.allow_offload
    )
    limits = plan.run_limits if max_cost is None else msgspec.structs.replace(plan.run_limits, cost_usd=max_cost)
    changed = msgspec.structs.replace(
        plan, attempts=wanted.attempts, parallel=parallel, seed=plan.seed if wanted.seed is None else wanted.seed,
        models=() if use == NO_MODEL else (entry,), agents=tuple(each for each in plan.agents if each.use == key.agent),
        allow=allow, run_limits=limits,
    )
    checked(changed, "the command line")
    return changed


def _windows(origin: Origin, ready: Ready) -> tuple[str, ...]:
    """A sentence where the agent was started with another window than the model has now: its past can't be told otherwise."""
    asked, models = of(origin.trace, ModelAsked), ready.plan.models
    before, now = asked[0].window if asked else None, models[0].window if models else None
    if before is None or now is None or before == now:
        return ()
    return (f"note: the agent was started with a window of {before:,} tokens and goes on believing so; the model now has {now:,}",)


def _founded(origin: Origin, wanted: Wanted, ready: Ready, settings: Settings, how: tuple[str, tuple[str, ...], str]) -> RunStore:
    """The new run's record, with the past in it; `how`: the kept machine, what is not restored, and the run's name."""
    image, lost, name = how
    source, key, run = origin.opened.store, origin.key, new_id()
    parent = Parent(source.meta("run"), origin.short, origin.number, wanted.turn, wanted.view)
    planned = tuple(
        TrialKey(run, key.task, key.agent, wanted.model or key.model, variant(parent), attempt)
        for attempt in range(1, wanted.attempts + 1)
    )
    named = name or f"fork of {parent.run} {origin.short} turn {wanted.turn}"
    store = founded(ready, settings, named, planned, {forking.FORK: forking.UNBORN})
    try:
        forking.transplanted(source, store, origin.trace, forking.Origin(parent, key.attempt, image, lost, *_aided(origin, wanted)))
    except BaseException:  # Ctrl-C, too
        store.close()
        shutil.rmtree(store.folder, ignore_errors=True)
        raise
    return store


def _aided(origin: Origin, wanted: Wanted) -> tuple[Aid, tuple[str, ...] | None]:
    """What the view needs beside the record, and the points of the requests that are still open; None where no manifest tells them."""
    if wanted.view in ("full", "short"):
        return Aid(), None
    return aided(origin.opened, Asked(origin.short, origin.key, origin.trace), wanted.turn)


def variant(parent: Parent) -> str:
    """A readable word that names where a fork began, and differs between parents."""
    digest = hashlib.sha256(msgspec.json.encode(parent)).hexdigest()[:6]
    return f"{parent.trial}@{parent.turn}-{parent.view}-{digest}"


def _lost_later(store: RunStore, before: tuple[str, ...]) -> list[str]:
    """What only restoring the workspace showed."""
    found = [last(latest(store.trace(key)), PastLived) for key in store.keys().values()]
    return list(dict.fromkeys(line for event in found if event for line in event.lost if line not in before))
