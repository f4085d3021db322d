"""`longhaul probe`: replays at points of a run's trials under several views, as a run of its own, and what they say of the context."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress

import msgspec
import typer
from rich.console import Console

from harness.answer.probe.outlay import Outlay, outlay
from harness.answer.probe.points import POINTS
from harness.cli.context.probe_text import show, show_choice, show_outlay, show_rolls
from harness.cli.context.probed import document, probed
from harness.cli.context.probing import Laid, Wish, laid, missing_item, planted
from harness.cli.context.widening import known_room, room_for_wide, unwidened
from harness.cli.preparing.prelude import Ready, greeted
from harness.cli.record.runs import Held, held
from harness.cli.record.tried import undamaged
from harness.cli.running.evening import Evening
from harness.cli.running.founding import founded, nameable, new_id
from harness.cli.running.occupying import occupying
from harness.cli.running.self_check import withheld
from harness.cli.screen.layout import tell
from harness.cli.screen.live import styled
from harness.core.errors import PlanError
from harness.core.events import ModelReplied
from harness.core.observed import Observed
from harness.core.probe import Point
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.metrics.tries import of
from harness.plan import Plan, checked
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring import forking
from harness.wiring.digests import sha256
from harness.wiring.replays import ABSENT, PROBE, RECALL, probe_of

ARMS = "full,fresh,remind,pad"
WINDOW, MOST_ROLLS, MOST_POINTS = 6, 64, 10_000


class Bounds(msgspec.Struct, frozen=True):
    """How the replays are run. `cap`: USD as asked for, None where nobody did."""

    parallel: int
    cap: float | None
    remote: bool
    offload: bool
    name: str


def probe(
    run: str = typer.Argument(metavar="RUN", help="A run's id, its beginning, its name, or last; with --result that of a probe."),
    arms: str = typer.Option(ARMS, "--arms", help="full, fresh, remind, pad, clean, state, evict, no-rule, recall, absent, wide, short; full is always among them, absent beside recall."),
    rolls: int = typer.Option(4, "-k", "--rolls", min=1, max=MOST_ROLLS, help="Re-rolls of each point under each arm; 8 name nearly every clear cause."),
    window: int = typer.Option(WINDOW, "--window", min=1, max=WINDOW, help="Turns at most of each replay."),
    points: int = typer.Option(POINTS, "--points", min=1, max=MOST_POINTS, help="Points of each model at most."),
    every: int = typer.Option(None, "--every", min=1, help="Each m-th opportunity of an item; without it as many as fit."),
    item: str = typer.Option("", "--item", help="Only opportunities of this item."),
    failures: bool = typer.Option(False, "--failures", help="Replay those that failed, too: for case reports, in no share of anything."),
    max_cost: float = typer.Option(None, "--max-cost", min=0, help="USD that priced models may cost in the new run."),
    seed: int = typer.Option(None, "--seed", help="Of the choice and of the re-rolls; without it the parent's."),
    estimate: bool = typer.Option(False, "--estimate", help="Only tell what it would take."),
    told: bool = typer.Option(False, "--result", help="Only tell what a probe's run came to by now."),
    name: str = typer.Option("", "--run", help="A name for the new run."),
    parallel: int = typer.Option(1, "--parallel", min=1, help="Replays at a time."),
    allow_remote: bool = typer.Option(False, "--allow-remote", help="Accept a model that is served elsewhere: code leaves the machine."),
    allow_offload: bool = typer.Option(False, "--allow-offload", help="Accept a model that is partly on the CPU."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the result."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.probe/1; with --estimate longhaul.probe-estimate/1."),
) -> int:
    """Was it the context? Replay opportunities of a run's trials under several views, from the same recorded tree, and compare.

    Example: longhaul probe last --arms full,fresh,remind,pad -k 4 --max-cost 5
    """
    console, settings = Console(), read()
    if told:
        return _told(held(run, settings), console, as_json=as_json)
    opened = held(run, settings)
    wish = Wish(_arms(arms), rolls, window, points, every, item, failures, opened.plan.seed if seed is None else seed)
    bounds = Bounds(parallel, max_cost, allow_remote, allow_offload, nameable(name))
    if probe_of(opened.store) is not None:
        raise PlanError("", "RUN", f"{opened.store.meta('run')}, a probe itself", "a run of trials; --result tells what this probe came to")
    with undamaged(opened.store.folder):
        found = laid(opened, wish, settings)
    _possible(wish, bounds, found)
    known_room(wish.arms, opened.plan, found)
    costs = outlay(found.counted(), wish.arms, wish.rolls, wish.window)
    if estimate:
        return _estimated(found, costs, (_cap(opened, bounds), rolls), console, as_json=as_json)
    return _run((opened, wish, bounds, found), costs, settings, console, quiet=quiet or as_json, as_json=as_json)


def _arms(words: str) -> tuple[str, ...]:
    """Full first. Raises PlanError for an unknown arm, and for one alone: there is nothing to hold it against."""
    named = tuple(dict.fromkeys(forking.known_view(word.strip().lower(), "--arms") for word in words.split(",")))
    if not set(named) - {"full"}:
        raise PlanError("", "--arms", repr(words), "another arm beside full, such as fresh")
    # Whoever names what nobody stated guesses, and what he recalls is worth less: the one is not asked without the other.
    asks = (ABSENT,) if RECALL in named and ABSENT not in named else ()
    return ("full", *(arm for arm in named if arm != "full"), *asks)


def _possible(wish: Wish, bounds: Bounds, found: Laid) -> None:
    """Raises PlanError for what would be found wrong only after money is spent."""
    if missing := missing_item(wish.arms, found):
        raise PlanError("", "--arms", missing, "an item with words and fingerprints: a view that needs an absent item shows nothing")
    if fixed := unwidened(wish.arms, found):
        raise PlanError("", "--arms", fixed, "models of this machine whose window each request sets, such as ollama/NAME")
    hosted = next((point.place.model for point, known in found.counted() if known.remote and known.price is None), "")
    if bounds.cap is not None and hosted:
        raise PlanError("", "--max-cost", f"{hosted}, of which no price is known", "models with a price, or no --max-cost: it would bound nothing")
    silent = next((point.place.model for point, known in found.counted() if known.remote and known.price and not known.prompts and _asked(found, point)), "")
    if bounds.cap is not None and silent:
        raise PlanError("", "--max-cost", f"{silent}, whose server told no tokens of its prompts", "a server that tells them, or no --max-cost: it would bound nothing")


def _asked(found: Laid, point: Point) -> bool:
    """Whether the trial had any reply by which it could be seen what is told of tokens."""
    return bool(of(found.reads[point.place.trial].asked.trace, ModelReplied))


def _cap(opened: Held, bounds: Bounds) -> float:
    return opened.plan.run_limits.cost_usd if bounds.cap is None else bounds.cap


def _estimated(found: Laid, costs: Outlay, asked: tuple[float, int], console: Console, *, as_json: bool) -> int:
    if as_json:
        body = {"schema": "longhaul.probe-estimate/1", "points": found.points, "excluded": found.chosen.excluded, "offered": found.chosen.places, "outlay": costs}
        _printed(msgspec.json.format(msgspec.json.encode(body), indent=2))
    else:
        show_choice(found.chosen, console)
        show_outlay(costs, asked[0], console)
        show_rolls(asked[1], console)
    return 0


def _printed(data: bytes) -> None:
    sys.stdout.buffer.write(data + b"\n")
    sys.stdout.flush()


def _told(opened: Held, console: Console, *, as_json: bool) -> int:
    with undamaged(opened.store.folder):
        result = probed(opened)
    if as_json:
        _printed(document(result))
    else:
        show(result, console)
    return 0


def _run(asked: tuple[Held, Wish, Bounds, Laid], costs: Outlay, settings: Settings, console: Console, *, quiet: bool, as_json: bool) -> int:
    opened, wish, bounds, found = asked
    style = styled(console, quiet=quiet, json_lines=False)

    def speak(text: str) -> None:
        if not quiet:
            tell(console, text)

    if not quiet:
        show_choice(found.chosen, console)
        show_outlay(costs, _cap(opened, bounds), console)
    with occupying(settings), undamaged(opened.store.folder):
        planned = _plan(opened.plan, found.points, wish, bounds)
        room_for_wide(wish.arms, planned, settings)
        ready = greeted(planned, _tasks(opened, found.points), settings, speak)
        _same_images(opened, ready)
        store = _founded(opened, wish, bounds, found, (ready, settings))
    code = Evening(ready, settings, console, style, store).pass_by(table=False)
    _told(held(store.meta("run"), settings), console, as_json=as_json)
    if not as_json:
        _hints(store, console)
    return code


def _hints(store: RunStore, console: Console) -> None:
    run = store.meta("run")
    pending = len(store.progress()) - len(store.settled_shorts()) - len(withheld(store))
    if pending:
        tell(console, f"{pending} pending: longhaul resume {run}, then longhaul probe {run} --result")
    tell(console, f"longhaul report {run} has each replay; longhaul probe {run} --result tells this again")


def _plan(plan: Plan, points: tuple[Point, ...], wish: Wish, bounds: Bounds) -> Plan:
    """The parent's, with the models and agents of the points alone and what was asked to be otherwise."""
    models, agents = {point.place.model for point in points}, {point.place.agent for point in points}
    allow = msgspec.structs.replace(plan.allow, remote=plan.allow.remote or bounds.remote, offload=plan.allow.offload or bounds.offload)
    limits = plan.run_limits if bounds.cap is None else msgspec.structs.replace(plan.run_limits, cost_usd=bounds.cap)
    made = msgspec.structs.replace(
        plan, attempts=max(attempt for point in points for attempt in point.attempts), fresh=0, parallel=bounds.parallel, seed=wish.seed,
        models=tuple(each for each in plan.models if each.use in models), agents=tuple(each for each in plan.agents if each.use in agents),
        allow=allow, run_limits=limits, forkable=False,
    )  # fmt: skip
    checked(made, "the command line")
    return made


def _tasks(opened: Held, points: tuple[Point, ...]) -> tuple[TaskSpec, ...]:
    """As they were, judged by what the trees show: that is another task, and its digest says so."""
    names = dict.fromkeys(point.place.task for point in points)
    return tuple(_observed(opened.tasks[name]) for name in names)


def _observed(task: TaskSpec) -> TaskSpec:
    return msgspec.structs.replace(task, check=Observed(), digest=sha256(task.digest.encode(), b"observed"))


def _same_images(opened: Held, ready: Ready) -> None:
    """A past can't be restored over another image than it was lived on. Raises PlanError."""
    then = msgspec.json.decode(opened.store.meta("pins") or "{}", type=dict[str, str])
    for field in (f"task {task.id}: image" for task in ready.tasks):
        if field in then and ready.pins[field] != then[field]:
            raise PlanError("", field, ready.pins[field], f"{then[field]}, on which {opened.store.meta('run')} worked")


def _founded(opened: Held, wish: Wish, bounds: Bounds, found: Laid, place: tuple[Ready, Settings]) -> RunStore:
    """The new run's record with every past in it. Until they are whole nobody may begin it: then it stands as an unborn fork."""
    ready, settings = place
    run = new_id()
    named = bounds.name or f"probe of {opened.store.meta('run')}"
    store = founded(ready, settings, named, _planned(run, found.points, wish), {forking.FORK: forking.UNBORN})
    try:
        made = planted(opened, store, wish, found)
        store.keep(PROBE, msgspec.json.encode(made).decode())
        store.keep(forking.FORK, "")
    except BaseException:  # Ctrl-C, too
        store.close()
        with suppress(OSError):
            shutil.rmtree(store.folder)
        raise
    return store


def _planned(run: str, points: tuple[Point, ...], wish: Wish) -> tuple[TrialKey, ...]:
    """Re-roll by re-roll, point by point, arm by arm: a run that is stopped early is balanced. In which order they begin: `self_check`."""
    return tuple(
        TrialKey(run, point.place.task, point.place.agent, point.place.model, arm, point.attempts[roll])
        for roll in range(wish.rolls)
        for point in points
        for arm in wish.arms
    )
