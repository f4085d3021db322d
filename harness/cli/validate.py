"""`longhaul validate`: a task is healthy when idle fails and the oracle passes every time; anything else is said with the evidence."""

from __future__ import annotations

import sys

import msgspec
import typer
from rich.console import Console

from harness.cli.preparing.permits import as_allowed
from harness.cli.preparing.plans import Said, allowed, planned
from harness.cli.preparing.proving import Hands, prove
from harness.cli.preparing.reading import Reading, reading
from harness.cli.running.occupying import occupying
from harness.cli.screen.layout import lay, tell
from harness.core.task import TaskSpec
from harness.core.validation import Validation
from harness.settings import read
from harness.wiring.shop import sandboxes
from harness.wiring.sources import Found, collect

SHOWN = 5
FIGURES = ("source tokens", "necessary reading")


def validate(
    source: str = typer.Argument("bundled", help="bundled, catalogue, harbor:DIR, swebench:FILE, swebench-pro:DIR, refactorbench:DIR, mined:DIR or MODULE:ARG, with an optional #glob."),
    runs: int = typer.Option(5, "-n", min=1, help="How often the oracle must pass."),
    parallel: int = typer.Option(2, "--parallel", min=1, help="Trials at a time."),
    option: list[str] = typer.Option([], "-o", "--option", help="ROOM.NAME=VALUE for source, sandbox, grading: as for the run that this is to prove."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    allow_root: bool = typer.Option(False, "--allow-root", help="Prove tasks whose commands run as uid 0, too."),
    as_: str = typer.Option("", "--as", help="harbor: a missing network_mode is public, root is allowed."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.validate/1."),
) -> int:
    """Prove tasks: idle must fail, the oracle must pass every time, and nothing of the solution may lie in the image.

    What is found is kept for these tasks on these images; a run with a model asks for it.

    Example: longhaul validate bundled -n 5
    """
    console = Console(stderr=as_json)
    settings = read()
    permits = allowed(no_build=no_build, root=allow_root, as_=as_)
    plan = planned(Said(tasks=(source,), agents=("oracle", "idle"), parallel=parallel, options=tuple(option), allow=permits))
    sandboxes(plan, settings)  # a wrong option is said before anything is made
    found = collect(plan.tasks, settings, plan.source, plan.seed)
    tasks = as_allowed(found.tasks, plan.allow)
    with occupying(settings):
        proofs = prove(tasks, runs, Hands(plan, settings, console), strict=no_build) if tasks else ()
    if as_json:
        told = [msgspec.to_builtins(proof) | {"reading": msgspec.to_builtins(reading(task))} for proof, task in zip(proofs, tasks, strict=True)]
        body = {"schema": "longhaul.validate/1", "tasks": told, "faults": [str(fault) for fault in found.faults]}
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        _show(proofs, tasks, found, console)
        for run in dict.fromkeys(proof.run for proof in proofs if proof.run):
            tell(console, f"record: longhaul report {run}")
    return 0 if all(proof.healthy for proof in proofs) and not found.faults else 1


def _show(told: tuple[Validation, ...], tasks: tuple[TaskSpec, ...], found: Found, console: Console) -> None:
    rows = [_row(proof, reading(task)) for proof, task in zip(told, tasks, strict=True)]
    lay(console, ("task", "healthy", "oracle", "idle", *FIGURES), rows, figures=FIGURES)
    for each in told:
        for sentence in each.evidence[:SHOWN]:
            tell(console, f"{each.task}: {sentence}")
        if (hidden := len(each.evidence) - SHOWN) > 0:
            tell(console, f"{each.task}: ... {hidden} more")
        if each.trial:
            tell(console, f"{each.task}: its log: longhaul show {each.run} {each.trial}")
    for fault in found.faults:
        tell(console, f"refused {fault}")


IDLE = {"failed": "fails, as it must", "passed": "passes, as it must not", "invalid": "nothing to solve", "broken": "broken", "pending": "did not end"}


def _row(each: Validation, held: Reading | None) -> tuple[str, ...]:
    figures = (f"{held.tokens:,}", f"{100 * held.share:.0f} %") if held else ("-", "-")
    oracle = f"passes {each.oracle[0]} of {each.oracle[1]}" if each.oracle[1] else "none"
    return each.task, _word(each), oracle, IDLE[each.idle], *figures


def _word(proof: Validation) -> str:
    if not proof.healthy:
        return f"no: {proof.reason}"
    return "in the agent's container only" if proof.shared else "yes"
