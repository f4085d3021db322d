"""`longhaul resume`: what is not settled of a run, with the plan it began with."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.preparing.pins import HARNESS, parted
from harness.cli.preparing.prelude import Ready, greeted
from harness.cli.record.runs import Held, folder, held_for_writing, opened
from harness.cli.running.driving import at_rest, driving
from harness.cli.running.evening import Evening
from harness.cli.running.occupying import occupying
from harness.cli.running.self_check import sentence, withheld
from harness.cli.screen.layout import tell
from harness.cli.screen.live import styled
from harness.core.errors import PlanError
from harness.core.ports import Say
from harness.plan import Combination, checked
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring.forking import FORK, UNBORN


class Voice(msgspec.Struct, frozen=True):
    """Where a command speaks: `style` as for Evening."""

    settings: Settings
    console: Console
    style: str

    def say(self, text: str) -> None:
        """Nothing among what a program reads, or where quiet was asked for."""
        if self.style in ("live", "lines"):
            tell(self.console, text)


class Wish(msgspec.Struct, frozen=True):
    """How a run is to go on; None leaves a bound as it is."""

    max_cost: float | None = None
    parallel: int | None = None
    accept: bool = False
    continued: bool = False
    wait_s: float = 0.0


def resume(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    continue_: bool = typer.Option(False, "--continue", help="Go on from the last recorded tree of an interrupted trial, where it can be restored."),
    accept_change: bool = typer.Option(False, "--accept-change", help="Go on although models, images, agents or longhaul changed; it is put on record."),
    max_cost: float = typer.Option(None, "--max-cost", min=0, help="USD that priced models may cost in this run, what was spent included."),
    parallel: int = typer.Option(None, "--parallel", min=1, help="Trials at a time, from now on."),
    wait: float = typer.Option(0.0, "--wait", metavar="SECONDS", help="Wait so long for another run on this store to end (inf: as long as it takes)."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the table at the end."),
    json_lines: bool = typer.Option(False, "--json-lines", help="A JSON object for each thing that happens, one a line."),
) -> int:
    """Continue a run: trials that were interrupted begin anew as a further try; what was settled is left alone.

    Example: longhaul resume last
    """
    console, settings = Console(), read()
    path = folder(run, settings)
    if not wait:
        at_rest(path)
    voice = Voice(settings, console, styled(console, quiet=quiet, json_lines=json_lines))
    return gone_on(path, Wish(max_cost, parallel, accept_change, continue_, wait), voice)


def gone_on(path: Path, wish: Wish, voice: Voice) -> int:
    """What is left of the run, then its table; the exit code. Raises PlanError where it can't go on."""
    with ExitStack() as stack:
        if not over(path):  # before the first word is written: the plan's, or that of a change
            stack.enter_context(occupying(voice.settings, f"run {path.name}", wait_s=wish.wait_s, say=voice.say))
            stack.enter_context(driving(path))
        held = widened(held_for_writing(path.name, voice.settings, voice.say), wish.max_cost, wish.parallel)
        ready = resumed(held, voice.settings, voice.say, accept=wish.accept)
        words = ("--continue",) if wish.continued else ()
        return Evening(ready, voice.settings, voice.console, voice.style, held.store, words=words).pass_by()


def over(path: Path) -> bool:
    """Whether nothing is left to do and the run has said so. Raises PlanError for a record that can't be read."""
    with closing(opened(path)) as store:
        return bool(store.meta("finished")) and len(store.settled_shorts()) + len(withheld(store)) == len(store.progress())


def widened(held: Held, max_cost: float | None, parallel: int | None) -> Held:
    """The run with the user's new bounds in its plan; what they were is noted. Raises PlanError."""
    plan = held.plan
    if max_cost is not None:
        plan = msgspec.structs.replace(plan, run_limits=msgspec.structs.replace(plan.run_limits, cost_usd=max_cost))
    if parallel is not None:
        plan = msgspec.structs.replace(plan, parallel=parallel)
    checked(plan, "the command line")
    if plan != held.plan:
        held.store.note("plan", msgspec.json.encode(held.plan).decode())
        held.store.keep("plan", msgspec.json.encode(plan).decode())
    return msgspec.structs.replace(held, plan=plan)


def resumed(held: Held, settings: Settings, speak: Say, *, accept: bool) -> Ready:
    """The stored plan made ready again; nothing is asked or made where nothing is left to do. Raises PlanError for what changed."""
    store, tasks = held.store, tuple(held.tasks.values())
    if store.meta(FORK) == UNBORN:
        raise PlanError("", "RUN", f"{store.meta('run')}, a fork or probe that was ended before its past was copied", "a run that can go on; fork or probe again")
    keys, done, never = store.keys(), store.settled_shorts(), withheld(store)
    left = [key for short, key in keys.items() if short not in done.union(never)]
    pairs = tuple(dict.fromkeys(Combination(key.agent, key.model) for key in keys.values()))
    if not left:
        speak("; ".join(filter(None, ("nothing is left to do", sentence(never)))))
        return Ready(held.plan, tasks, pairs)
    wanted = {key.task for key in left}
    ready = greeted(held.plan, tuple(task for task in tasks if task.id in wanted), settings, speak)
    _unchanged(store, ready.pins, accept=accept)
    return Ready(held.plan, tasks, pairs, ready.pins)


def _unchanged(store: RunStore, now: dict[str, str], *, accept: bool) -> None:
    """Raises PlanError for the first field that is not as it was when the run began; accepted changes are noted, each once."""
    began = {HARNESS: harness} if (harness := store.meta("harness")) else {}  # older records pin nothing else
    then = began | msgspec.json.decode(store.meta("pins") or "{}", type=dict[str, str])
    changed = parted(then, now)
    for field, (was, found) in changed.items():
        if not accept:
            raise PlanError(store.meta("run"), field, found, f"{was}, as when the run began (--accept-change goes on and records it)")
        store.note("accepted", msgspec.json.encode({"field": field, "then": was, "now": found}).decode())
    if changed:
        store.keep("pins", msgspec.json.encode(then | now).decode())
        store.keep("harness", now[HARNESS])
