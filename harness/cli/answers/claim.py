"""`longhaul claim`: published figures about the models of the field, and what this machine can say of each."""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Iterable
from pathlib import Path

import typer
from rich.console import Console

from harness.answer.claim import registry
from harness.answer.claim.checking import TOLERANCE, WORDS, Checked, Terms, checked
from harness.answer.claim.claims import Claim
from harness.answer.claim.registry import Registry
from harness.cli.answers.claim_json import listed, told
from harness.cli.answers.claim_runs import Evidence, evidence
from harness.cli.answers.claim_text import block, figure, summary, unmet
from harness.cli.screen.layout import lay, tell
from harness.core.errors import PlanError
from harness.core.regular import read_regular
from harness.report.summary import counted
from harness.settings import read

LARGEST = 16 << 20
IN_FULL = 3
"""So many claims are told in full without being named; more are a table, and a line each of those that no run speaks of."""
UNMET = "not comparable"


def claim(
    verb: str = typer.Argument("list", help="list, or check: what the runs on record say of them."),
    ids: list[str] = typer.Argument(None, metavar="[ID]...", help="The claims to check, by id; none: all that --model and --benchmark leave."),
    model: str = typer.Option("", "--model", metavar="M", help="Those about this model: a part of its name, or KIND/NAME as a run has it."),
    benchmark: str = typer.Option("", "--benchmark", metavar="B", help="Those about this benchmark: a part of its name."),
    run: list[str] = typer.Option(None, "--run", metavar="RUN", help="Check against this run, not against all on record; more than once."),
    trials: int | None = typer.Option(None, "--trials", metavar="N", help="Take so many attempts per task for granted where none are published."),
    tolerance: float = typer.Option(TOLERANCE, "--tolerance", metavar="R", help="How near a figure must be pinned down to be reproduced: a rate."),
    claims: Path | None = typer.Option(None, "--claims", metavar="FILE", help="A file of yours, laid out as docs/claims.md says, in place of ours."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.claims/1."),
) -> int:
    """List published figures, or check them: reproduced, not reproduced, underpowered, not comparable, impossible.

    Example: longhaul claim check --model ollama/gemma4:31b
    """
    held = _registry(claims)
    chosen = _chosen(held, tuple(ids or ()), model, benchmark)
    if verb == "list":
        return _list(held, chosen, as_json=as_json)
    if verb != "check":
        raise PlanError("", "VERB", repr(verb), "list or check")
    terms = _terms(trials, tolerance)
    found = evidence(chosen, tuple(run or ()), read())
    done = tuple(checked(each, found.sides, found.warned, terms) for each in chosen)
    if as_json:
        sys.stdout.buffer.write(told(held, done, found, terms) + b"\n")
    else:
        _tell(done, found, in_full=bool(ids) or len(done) <= IN_FULL)
    return 0


def _registry(path: Path | None) -> Registry:
    if path is None:
        return registry.own()
    try:
        data = read_regular(path, LARGEST)
    except OSError as fault:
        raise PlanError(str(path), "--claims", fault.strerror or str(fault), "a readable file of claims") from fault
    return registry.read(data, str(path))


def _chosen(held: Registry, ids: tuple[str, ...], model: str, benchmark: str) -> tuple[Claim, ...]:
    known = {each.id: each for each in held.claims}
    for word in ids:
        if word not in known:
            near = difflib.get_close_matches(word, known, 3)
            raise PlanError("", "ID", repr(word), f"{', '.join(near)}, perhaps" if near else "an id that `longhaul claim list` shows")
    among = [known[word] for word in dict.fromkeys(ids)] or held.claims
    found = tuple(each for each in among if _about(each, model) and benchmark.casefold() in f"{each.benchmark.id} {each.benchmark.name}".casefold())
    if not found and held.claims:
        words = ", ".join(sorted({each.model.name if model else each.benchmark.name for each in among}))
        raise PlanError("", "--model" if model else "--benchmark", repr(model or benchmark), f"a part of {words}")
    return found


def _about(claim: Claim, model: str) -> bool:
    return model.casefold() in claim.model.name.casefold() or claim.model.runs_as(model)


def _terms(trials: int | None, tolerance: float) -> Terms:
    if trials is not None and not 1 <= trials <= 1000:
        raise PlanError("", "--trials", trials, "1 to 1,000 attempts per task")
    if not (math.isfinite(tolerance) and 0 < tolerance <= 0.5):
        raise PlanError("", "--tolerance", tolerance, "a rate above 0 and at most 0.5, such as 0.05")
    return Terms(trials, tolerance)


def _list(held: Registry, chosen: tuple[Claim, ...], *, as_json: bool) -> int:
    if as_json:
        sys.stdout.buffer.write(listed(held, chosen) + b"\n")
        return 0
    console = Console()
    rows = [
        (each.id, each.model.name, each.benchmark.name, figure(each), str(each.entry.trials), each.source.date, each.source.seen.how)
        for each in chosen
    ]  # fmt: skip
    lay(console, ("claim", "model", "benchmark", "figure", "attempts", "published", "seen"), rows, figures=("figure",))
    tell(console, f"{counted(len(chosen), 'claim')} of {held.date}; `longhaul claim check ID` says what this machine can say of one")
    return 0


def _tell(done: tuple[Checked, ...], found: Evidence, *, in_full: bool) -> None:
    console = Console()
    for name, why in found.left_out:
        tell(console, f"left out {name}: {why}")
    if in_full:
        for each in done:
            block(console, each)
    else:
        _table(console, tuple(each for each in done if each.word != UNMET))
        unmet(console, (each for each in done if each.word == UNMET))
    tell(console, _closing(done, found.runs))


def _table(console: Console, done: tuple[Checked, ...]) -> None:
    ordered = sorted(done, key=lambda each: WORDS.index(each.word))
    lay(console, ("claim", "figure", "word", "why"), [(each.claim.id, figure(each.claim), each.word, each.reason) for each in ordered], figures=("figure",))


def _closing(done: tuple[Checked, ...], runs: Iterable[str]) -> str:
    words = [f"{number} {word}" for word in WORDS if (number := sum(each.word == word for each in done))]
    names = tuple(runs)
    return f"{counted(len(done), 'claim')} beside {counted(len(names), 'run')}: {', '.join(words) or 'nothing to check'}{summary(done)}"
