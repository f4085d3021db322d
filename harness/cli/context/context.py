"""`longhaul context`: what each model of a run lost of its context, or one trial's course turn by turn."""

from __future__ import annotations

import difflib
import re
import sys

import msgspec
import typer
from rich.console import Console

from harness.cli.context.accounts import Accounts, accounts
from harness.cli.context.context_text import show, show_findings
from harness.cli.context.course import course
from harness.cli.context.trusted import beside, decided, probes, trust
from harness.cli.record.runs import Held, held
from harness.cli.record.tried import undamaged
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError
from harness.metrics.context.account import Account
from harness.metrics.context.all import detectors
from harness.report.context.loss import loss
from harness.report.context.loss_document import document
from harness.report.context.own_part import own_part
from harness.settings import Settings, read


class Wish(msgspec.Struct, frozen=True):
    """What is asked of the whole run. `every`: experimental kinds and long lists, too."""

    model: str = ""
    kind: str = ""
    every: bool = False
    as_json: bool = False


def context(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last; a trial's short id alone is one of last."),
    trial: str = typer.Argument("", metavar="TRIAL", help="A trial's short id, such as t0003: its course turn by turn."),
    turn: int = typer.Option(None, "--turn", help="What the model could see at this turn of TRIAL, and how far back."),
    model: str = typer.Option("", "--model", help="Only this model: its name or a part of it."),
    kind: str = typer.Option("", "--kind", help="Instead of the figures, the findings of this kind or class, such as C1 or C."),
    every: bool = typer.Option(False, "--all", help="Experimental detectors and long lists, too; with --json every account."),
    no_tests: bool = typer.Option(False, "--no-tests", help="Run no tests over recorded trees: what takes them stays open."),
    anew: bool = typer.Option(False, "--anew", help="Read every trace again, whatever is kept of it."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.context/1; of a TRIAL longhaul.course/1."),
) -> int:
    """What each model lost of its context: findings by kind and class, why, and per 100 opportunities, with what they were counted against.

    Example: longhaul context last
    """
    if not trial and re.fullmatch(r"t\d{4,}", run):
        run, trial = "last", run
    settings = read()
    opened = held(run, settings)
    if turn is not None and not trial:
        raise PlanError("", "--turn", str(turn), "a TRIAL whose turn it is: longhaul context RUN TRIAL --turn N")
    for option, word in (("--kind", kind), ("--model", model)):
        if trial and word:
            raise PlanError("", option, repr(word), "a whole run: one trial's course has all of its findings")
    with undamaged(opened.store.folder):
        if trial:
            return course(opened, settings, trial, turn, tests=not no_tests, as_json=as_json)
        found = accounts(opened, settings, _say, tests=not no_tests, anew=anew)
        return _told(opened, settings, found, Wish(model, _kind(kind), every, as_json))


def _told(opened: Held, settings: Settings, found: Accounts, wish: Wish) -> int:
    results = probes(opened, settings)
    chosen = _chosen(decided(found.each, results), wish.model)
    told = loss(opened.store.meta("run"), chosen, trust(settings), beside(opened, found, results))
    listed = tuple((account, each) for account in chosen for each in own_part(account).findings if each.kind.startswith(wish.kind)) if wish.kind else None
    if wish.as_json:
        sys.stdout.buffer.write(document(told, chosen if wish.every else (), listed) + b"\n")
        return 0
    console = Console()
    if listed is None:
        show(told, console, every=wish.every)
    else:
        show_findings(told, listed, wish.kind, console, every=wish.every)
    if found.pending:
        tell(console, f"{found.pending} more trials are not settled yet")
    shown = chosen if listed is None else [account for account, _ in listed]
    if shown:
        tell(console, f"one trial's course: longhaul context {told.run} {shown[0].trial}")
    return 0


def _say(words: str) -> None:
    tell(Console(stderr=True), words)


def _kind(word: str) -> str:
    """Raises PlanError for a kind that no detector reports."""
    known = sorted({kind for one in detectors() for kind in one.kinds})
    wanted = word.strip().upper()
    if wanted and not any(kind.startswith(wanted) for kind in known):
        raise PlanError("", "--kind", repr(word), f"one of {', '.join(known)}, or the letter of a class")
    return wanted


def _chosen(each: tuple[Account, ...], model: str) -> tuple[Account, ...]:
    """Raises PlanError for a model that no trial asked."""
    chosen = tuple(account for account in each if account.model == model) or tuple(account for account in each if model in account.model)
    if each and not chosen:
        names = sorted({account.model for account in each})
        near = difflib.get_close_matches(model, names, 3) or names[:3]
        raise PlanError("", "--model", repr(model), f"a model of this run: {', '.join(near)}")
    return chosen
