"""`longhaul grade`: patches that were made elsewhere become the trials of a new run, graded and kept like any agent's work."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.preparing.fitness import fit
from harness.cli.preparing.permits import as_allowed
from harness.cli.preparing.plans import Said, allowed, planned
from harness.cli.preparing.prelude import Ready, greeted
from harness.cli.preparing.proving import Hands
from harness.cli.running.evening import Evening
from harness.cli.running.founding import founded, nameable, new_id
from harness.cli.running.occupying import occupying
from harness.cli.screen.layout import tell
from harness.cli.screen.live import styled
from harness.core.errors import PlanError
from harness.core.ports import Say
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.exchange.predictions import Prediction, read
from harness.plan import Combination, Plan
from harness.settings import Settings
from harness.settings import read as settings_of
from harness.store.sqlite import RunStore
from harness.wiring.predicted import AGENT, META, words
from harness.wiring.shop import refusal
from harness.wiring.sources import collect

SCHEMA = "longhaul.grade/1"


def grade(
    source: str = typer.Argument(metavar="SOURCE", help="Where the tasks are: bundled, harbor:DIR, swebench:FILE, with an optional #glob."),
    predictions: Path = typer.Option(..., "--predictions", help="Patches: .jsonl or .json with instance_id, model_name_or_path, model_patch."),
    name: str = typer.Option("", "--run", help="A name for the run that this makes."),
    parallel: int = typer.Option(None, "--parallel", help="Trials at a time (1)."),
    option: list[str] = typer.Option([], "-o", "--option", help="ROOM.NAME=VALUE for source, sandbox, grading."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    as_: str = typer.Option("", "--as", help="harbor: a missing network_mode is public, root and the shared container are allowed."),
    allow_root: bool = typer.Option(False, "--allow-root", help="Accept tasks whose commands run as root."),
    allow_shared: bool = typer.Option(False, "--allow-shared", help="Accept tasks that only the worker's own container can judge."),
    unvalidated: bool = typer.Option(False, "--unvalidated", help="Do not prove the tasks first."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the table at the end."),
    as_json: bool = typer.Option(False, "--json", help=f"One JSON object at the end, schema {SCHEMA}."),
) -> int:
    """Grade patches that were made elsewhere: each is laid over its task's base, and what comes of it is a run on record.

    Example: longhaul grade swebench:rows.jsonl --predictions preds.jsonl
    """
    console, settings, called = Console(), settings_of(), nameable(name)
    style = styled(console, quiet=quiet or as_json, json_lines=False)

    def speak(text: str) -> None:
        if style in ("live", "lines"):
            tell(console, text)

    permits = allowed(no_build=no_build, as_=as_, root=allow_root, shared=allow_shared, unvalidated=unvalidated)
    said = Said(tasks=(source,), agents=(AGENT,), attempts=1, parallel=parallel, options=tuple(option), allow=permits)
    wanted = read(predictions)
    with occupying(settings):
        ready = _ready(planned(said), wanted, settings, speak)
        ready = fit(ready, Hands(ready.plan, settings, console, style if style == "lines" else "quiet"))
        store = _founded(ready, wanted, settings, called)
        evening = Evening(ready, settings, console, style, store)
        code = evening.pass_by(table=not as_json)
    if as_json:
        sys.stdout.write(json.dumps(_told(evening, store)) + "\n")
    return code


def _ready(plan: Plan, wanted: tuple[Prediction, ...], settings: Settings, say: Say) -> Ready:
    """The tasks that are predicted, and no others, with their images. Raises UserError, MissingError before anything is made."""
    found = collect(plan.tasks, settings, plan.source, plan.seed)
    for fault in found.faults:
        say(f"note: {fault}")
    tasks = _predicted({task.id: task for task in found.tasks}, wanted, plan.tasks[0])
    for task in tasks:
        if refused := refusal(task):
            raise refused
    models = dict.fromkeys(each.model for each in wanted)
    ready = greeted(plan, as_allowed(tasks, plan.allow), settings, say)
    return msgspec.structs.replace(ready, combinations=tuple(Combination(AGENT, model) for model in models))


def _predicted(known: dict[str, TaskSpec], wanted: tuple[Prediction, ...], source: str) -> tuple[TaskSpec, ...]:
    """Raises PlanError for an id that is no task's."""
    for each in wanted:
        if each.task not in known:
            near = difflib.get_close_matches(each.task, known, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise PlanError(each.place, "instance_id", repr(each.task), f"the id of a task of {source}{hint}")
    return tuple(known[task] for task in dict.fromkeys(each.task for each in wanted))


def _founded(ready: Ready, wanted: tuple[Prediction, ...], settings: Settings, name: str) -> RunStore:
    """The new run, with every patch on record. Raises PlanError."""
    run = new_id()
    planned_ = tuple(TrialKey(run, each.task, AGENT, each.model, "", 1) for each in wanted)
    store = founded(ready, settings, name, planned_)
    store.keep(META, words((each.task, each.model, store.blobs.put(each.patch)) for each in wanted))
    return store


def _told(evening: Evening, store: RunStore) -> dict[str, object]:
    rows = [
        {
            "trial": row.trial, "instance_id": row.task, "model_name_or_path": row.model, "outcome": row.outcome, "reason": row.reason,
            "fail_to_pass": row.f2p, "pass_to_pass": row.p2p, "evidence": row.evidence,
        }
        for row in evening.rows()
    ]  # fmt: skip
    return {"schema": SCHEMA, "run": store.meta("run"), "name": store.meta("name"), "trials": rows}
