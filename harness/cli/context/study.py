"""`longhaul study`: claims about context that this machine's models can settle: what will be tested, the runs, and the word on each claim."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

import msgspec
import typer
from rich.console import Console

from harness.answer.outlook.forecast import Estimate
from harness.answer.probe.attribution import Told
from harness.answer.study.chances import Given
from harness.answer.study.claims import STUDIES, UNSETTLED, Study
from harness.answer.study.curves import figures
from harness.answer.study.judging import verdicts
from harness.cli.context.accounts import accounts
from harness.cli.context.probed import probed
from harness.cli.context.study_draft import Drafted, drafted, foreseen, granted, named, replays
from harness.cli.context.study_plan import load
from harness.cli.context.study_record import Record, of, probe_folder, runs, unreplayed
from harness.cli.context.study_running import passed, quiet_console, recorded
from harness.cli.context.study_text import show, show_plan
from harness.cli.record.runs import held
from harness.cli.record.tried import undamaged
from harness.cli.resume import Voice, Wish
from harness.cli.running.occupying import occupying
from harness.cli.screen.layout import tell
from harness.cli.screen.live import styled
from harness.core.errors import PlanError
from harness.core.trial import AS_USERS_RUN_IT
from harness.report.context.loss_document import finite
from harness.report.summary import counted
from harness.settings import Settings, read

SCHEMA = "longhaul.study/1"


def study(
    name: str = typer.Argument(..., metavar="NAME", help=f"{', '.join(STUDIES)}; see docs/study.md."),
    plan: Path = typer.Argument(None, metavar="[PLAN]", help="Models and sizes (TOML)."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would be tested, what it can show, and what it would take."),
    resume: str = typer.Option("", "--resume", metavar="RUN", help="Go on with the study that this run is part of."),
    accept_change: bool = typer.Option(False, "--accept-change", help="With --resume: go on although models, images, agents or longhaul changed; it is put on record."),
    result: str = typer.Option("", "--result", metavar="RUN", help="Only the verdict by now of the study that this run is part of."),
    no_tests: bool = typer.Option(False, "--no-tests", help="Run no tests over recorded trees for the verdict."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the verdict."),
    as_json: bool = typer.Option(False, "--json", help=f"One JSON object, schema {SCHEMA}."),
) -> int:
    """Plan, run and judge a study: its claims and their rules are on record before its first trial.

    Example: longhaul study rules rules.toml --dry-run
    """
    kind = _study(name)
    if sum(map(bool, (plan, resume, result))) != 1:
        raise PlanError("", "PLAN", "none" if not (plan or resume or result) else "more than one of PLAN, --resume and --result", "a plan, or --resume RUN, or --result RUN")
    console, settings = quiet_console(as_json=as_json), read()
    voice = Voice(settings, console, styled(console, quiet=quiet, json_lines=False))
    with ExitStack() as stack:
        if as_json:
            stack.enter_context(redirect_stdout(sys.stderr))
        if result or resume:
            record = _known(kind, result or resume, settings)
            code = passed(record, voice, Wish(accept=accept_change)) if resume else 0
        else:
            made, told = _planned(kind, plan, voice, dry_run=dry_run, quiet=quiet or (as_json and dry_run))
            if dry_run:
                stack.close()
                return _dry(made, told, as_json=as_json)
            record = recorded(made)
            code = passed(record, voice)
        document = _verdict(record, settings, voice, tests=not no_tests, as_json=as_json)
    if as_json:
        _printed(document)
    return code


def _study(word: str) -> Study:
    if word not in STUDIES:
        raise PlanError("", "NAME", repr(word), f"one of {', '.join(STUDIES)}")
    return word


def _known(kind: Study, word: str, settings: Settings) -> Record:
    record = of(held(word, settings), settings)
    if record.study != kind:
        raise PlanError("", "NAME", repr(kind), f"{record.study}, the study that {word} is part of")
    return record


def _planned(kind: Study, path: Path, voice: Voice, *, dry_run: bool, quiet: bool) -> tuple[Drafted, Mapping[str, Estimate]]:
    """What costs seconds comes after all that can be found wrong at once: the plan, names, servers, windows."""
    plan = load(path, kind)
    named(kind, plan, voice.settings)
    with occupying(voice.settings):
        made = drafted(kind, plan, str(path), lambda: granted(kind, plan, voice), (lambda _text: None) if quiet else voice.say)
        told = foreseen(made, voice, measured=not quiet or dry_run)
    if not quiet:
        show_plan(made, told, voice.console)
    return made, told


def _dry(made: Drafted, told: Mapping[str, Estimate], *, as_json: bool) -> int:
    if as_json:
        most = made.purse
        estimates = {name: msgspec.to_builtins(each) for name, each in told.items()}
        body = {"schema": SCHEMA, "study": made.study, "claims": _claims(made), "promises": made.promises, "estimates": estimates, "replays": replays(made), "money": {**msgspec.to_builtins(most), "whole": most.whole},
                "tokens": made.tokens, "opportunities": made.opportunities, "unsettled": UNSETTLED[made.study]}  # fmt: skip
        _printed(body)
    return 0


def _claims(made: Drafted | Record) -> list[dict[str, Any]]:
    return [{**msgspec.to_builtins(each), "rule": each.rule} for each in made.claims]


def _verdict(record: Record, settings: Settings, voice: Voice, *, tests: bool, as_json: bool) -> dict[str, Any]:
    """What the runs say by now; printed where nobody wants JSON."""
    known = runs(record, settings)
    given, told, pending, unread = [], list[Told](), 0, list[str]()
    for leg in record.legs:
        if leg.name not in known:
            continue
        for each in _read(record, leg.name, known[leg.name], (settings, voice), tests=tests):
            if isinstance(each, Given):
                given.append(each)
            elif isinstance(each, str):
                unread.append(each)
            else:
                pending += each
        if (path := probe_folder(record, known[leg.name], settings)) is not None:
            told += probed(held(path.name, settings)).sides
    found, healths = verdicts(record.claims, given, told)
    shown = figures(record.study, given)
    names = [path.name for path in known.values()]
    again = unreplayed(record, settings)
    if not as_json:
        show(record, found, healths, shown, Console())
        _rest(record, names, (pending, again), unread)
    return {
        "schema": SCHEMA, "study": record.study, "id": record.id, "written": record.written, "runs": names, "pending": pending, "unread": unread,
        "missing": [leg.name for leg in record.legs if leg.name not in known], "unreplayed": again, "claims": _claims(record), "promises": record.promises,
        "verdicts": found, "health": healths, "figures": shown, "unsettled": UNSETTLED[record.study],
    }  # fmt: skip


def _rest(record: Record, names: list[str], to_go: tuple[int, list[str]], unread: list[str]) -> None:
    """`to_go`: trials of its runs that are pending, and legs whose replays are not over."""
    console = Console()
    for line in unread:
        tell(console, f"not read: {line}")
    (pending, again), missing = to_go, len(record.legs) - len(names)
    told = (counted(pending, "trial") if pending else "", counted(missing, "run") if missing else "", f"replays of {counted(len(again), 'run')}" if again else "")
    if left := ", ".join(filter(None, told)):
        tell(console, f"{left} to go: longhaul study {record.study} --resume {names[0] if names else 'RUN'}")
    if names:
        tell(console, f"again: longhaul study {record.study} --result {names[0]}; what was lost: longhaul context {names[0]}")


def _read(record: Record, leg_name: str, path: Path, place: tuple[Settings, Voice], *, tests: bool) -> Iterator[Given | str | int]:
    """Accounts with their labels, sentences on trials that have none, and how many are pending."""
    settings, voice = place
    leg = next(each for each in record.legs if each.name == leg_name)
    opened = held(path.name, settings)
    with undamaged(opened.store.folder):
        found = accounts(opened, settings, voice.say, tests=tests)
    window = {} if leg.window is None else {"window": str(leg.window)}
    for each in found.each:
        if each.variant in ("", AS_USERS_RUN_IT):
            yield Given(each, {**window, **leg.words.get(opened.tasks[each.task].provenance.source, {})})
    yield from (f"{path.name} {short}: {why}" for short, why in found.unread)
    yield found.pending


def _printed(body: Mapping[str, Any]) -> None:
    data = msgspec.json.encode(finite(msgspec.to_builtins(body)))
    sys.stdout.buffer.write(msgspec.json.format(data, indent=2) + b"\n")
    sys.stdout.flush()
