"""`longhaul resume`: what is not settled of a run, with the plan it began with."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.driving import at_rest, driving
from harness.cli.evening import Evening
from harness.cli.layout import tell
from harness.cli.live import styled
from harness.cli.pins import HARNESS, parted
from harness.cli.prelude import Ready, greeted
from harness.cli.runs import Held, folder, held_for_writing, opened
from harness.core.errors import PlanError
from harness.core.ports import Say
from harness.plan import Combination, checked
from harness.settings import Settings, read
from harness.store.sqlite import RunStore
from harness.wiring.forking import FORK, UNBORN


def resume(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    continue_: bool = typer.Option(False, "--continue", help="Go on from the last recorded tree of an interrupted trial, where it can be restored."),
    accept_change: bool = typer.Option(False, "--accept-change", help="Go on although models, images, agents or longhaul changed; it is put on record."),
    max_cost: float = typer.Option(None, "--max-cost", min=0, help="USD that priced models may cost in this run, what was spent included."),
    parallel: int = typer.Option(None, "--parallel", min=1, help="Trials at a time, from now on."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the table at the end."),
    json_lines: bool = typer.Option(False, "--json-lines", help="A JSON object for each thing that happens, one a line."),
) -> int:
    """Continue a run: trials that were interrupted begin anew as a further try; what was settled is left alone.

    Example: longhaul resume last
    """
    console, settings = Console(), read()
    style = styled(console, quiet=quiet, json_lines=json_lines)

    def speak(text: str) -> None:
        if style in ("live", "lines"):
            tell(console, text)

    path = folder(run, settings)
    at_rest(path)
    with nullcontext() if _over(path) else driving(path):  # before the first word is written: the plan's, or that of a change
        held = widened(held_for_writing(run, settings, speak), max_cost, parallel)
        ready = resumed(held, settings, speak, accept=accept_change)
        return Evening(ready, settings, console, style, held.store, words=("--continue",) if continue_ else ()).pass_by()


def _over(path: Path) -> bool:
    """Whether nothing is left to do and the run has said so. Raises PlanError for a record that can't be read."""
    with closing(opened(path)) as store:
        return bool(store.meta("finished")) and len(store.settled_shorts()) == len(store.progress())


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
        raise PlanError("", "RUN", f"{store.meta('run')}, a fork that was ended before its past was copied", "a run that can go on; fork again")
    keys, done = store.keys(), store.settled_shorts()
    left = [key for short, key in keys.items() if short not in done]
    pairs = tuple(dict.fromkeys(Combination(key.agent, key.model) for key in keys.values()))
    if not left:
        speak("nothing is left to do")
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
