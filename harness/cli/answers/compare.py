"""`longhaul compare`: can one side replace another? A word, its figure and its doubt, from trials that are on record."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.answer.compare.alike import NAMES
from harness.answer.compare.compare_document import document
from harness.answer.compare.compare_markdown import markdown
from harness.answer.compare.compared import Wish, answered
from harness.answer.compare.comparison import Answer
from harness.answer.compare.question import Known, ask
from harness.answer.compare.redaction import redacted
from harness.answer.side import sides
from harness.cli.answers.compare_text import show
from harness.cli.answers.nightly import apart, names, share
from harness.cli.record.landing import land
from harness.cli.record.replacing import replaceable
from harness.cli.record.runs import Held, held
from harness.cli.screen.layout import tell
from harness.core.errors import PlanError
from harness.report.readout import rows
from harness.settings import Settings, read
from harness.wiring.digests import of_harness


class Outputs(msgspec.Struct, frozen=True):
    """Where to write what; None: not at all."""

    html: Path | None
    summary: Path | None


def compare(
    runs: list[str] = typer.Argument(..., metavar="RUN...", help="A run's id, its beginning, its name, or last; several hold a side each, or both."),
    a: str = typer.Option("", "-a", metavar="SIDE", help="MODEL or AGENT:MODEL, with ~VARIANT or @RUN where these tell it apart; the word is said of it."),
    b: str = typer.Option("", "-b", metavar="SIDE", help="What it is held against. Without both: the two sides there are, or every pair."),
    margin: float = typer.Option(0.10, "--margin", metavar="RATE", help="The difference of two pass rates that matters, 0 to 1."),
    k: int = typer.Option(1, "-k", metavar="K", help="pass@k and pass^k for so many attempts."),
    accept: list[str] = typer.Option([], "--accept", metavar="NAME", help=f"Compare though these differ: {', '.join(NAMES)}."),
    sequential: bool = typer.Option(False, "--sequential", help="Bounds that hold however often one looks; for one pair."),
    html: Path | None = typer.Option(None, "--html", metavar="FILE", help="The page: one file that opens offline."),
    summary: Path | None = typer.Option(None, "--summary", metavar="FILE", help="A job summary in Markdown."),
    redact: bool = typer.Option(False, "--redact", help="No names of tasks, runs or variants, in no output."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.compare/1."),
) -> int:
    """Can A replace B? Equal within a margin, worse, better or undecided, with the figures and what they leave open.

    Example: longhaul compare last -a ollama/qwen3.6:27b -b claude/claude-opus-4-7
    """
    wish = Wish(share(margin, "--margin"), _attempts(k), frozenset(names(accept, NAMES)), sequential=sequential)
    apart(html=html, summary=summary)
    replaceable(html=html, summary=summary)
    opened = _opened(runs, read())
    question, wish = ask(_known(opened), a, b, together=sequential), msgspec.structs.replace(wish, windows=_windows(opened))
    told = answered(*redacted(question, wish)) if redact else answered(question, wish)
    written = _files(told, Outputs(html, summary), {} if redact else _pages(opened))
    if as_json:
        sys.stdout.buffer.write(document(told) + b"\n")
    else:
        show(told, Console())
    for what, path in written:
        tell(Console(stderr=as_json), f"{what}: {path}")
    return 0


def _attempts(k: int) -> int:
    if k < 1:
        raise PlanError("", "-k", k, "a number of attempts, 1 or more")
    return k


def _opened(words: list[str], settings: Settings) -> dict[str, tuple[Held, list[str]]]:
    """Runs by id, each once, with the words that it was called by."""
    found: dict[str, tuple[Held, list[str]]] = {}
    for word in words:
        run = held(word, settings)
        found.setdefault(run.store.meta("run"), (run, []))[1].append(word)
    return found


def _known(opened: dict[str, tuple[Held, list[str]]]) -> Known:
    judge = of_harness()
    held_rows = [(name, row) for name, (run, _) in opened.items() for row in rows(run.store, run.tasks, judge)]
    return Known(sides(held_rows), {name: (*words, run.store.meta("name")) for name, (run, words) in opened.items()})


def _windows(opened: dict[str, tuple[Held, list[str]]]) -> dict[tuple[str, str], int | None]:
    return {(name, model.use): model.window for name, (run, _) in opened.items() for model in run.plan.models}


def _pages(opened: dict[str, tuple[Held, list[str]]]) -> dict[str, Path]:
    """The pages that `report --open` left beside the records."""
    places = {name: run.store.folder / "report.html" for name, (run, _) in opened.items()}
    return {name: place for name, place in places.items() if place.is_file()}


def _files(told: Answer, outputs: Outputs, pages: dict[str, Path]) -> list[tuple[str, Path]]:
    """What was written, in words, and where. Raises PlanError at the first that can't be; those before it stay."""
    done: list[tuple[str, Path]] = []
    if outputs.summary:
        done.append(("job summary", land(outputs.summary, (markdown(told) + "\n").encode("utf-8", "backslashreplace"), "--summary")))
    if outputs.html:
        # Inside, because only a page pays for templates.
        from harness.answer.pages.page import page

        done.append(("page", land(outputs.html, page(told, _links(pages, outputs.html)), "--html")))
    return done


def _links(pages: dict[str, Path], html: Path) -> dict[str, str]:
    """Run -> where its page stands, seen from the file."""
    return {run: os.path.relpath(place.resolve(), html.resolve().parent) for run, place in pages.items()}
