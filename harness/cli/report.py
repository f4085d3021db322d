"""`longhaul report`: what a run came to, read from its record, on the terminal and in files."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import msgspec
import typer
from rich.console import Console

from harness.cli.record.landing import folder, land
from harness.cli.record.replacing import replaceable
from harness.cli.record.runs import Held, held
from harness.cli.screen.details import details
from harness.cli.screen.layout import tell
from harness.cli.screen.tables import hint, show
from harness.report.document import document
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.overview import Overview, overview
from harness.report.page_redaction import redacted_about, redacted_rows
from harness.report.readout import about, rows
from harness.settings import read
from harness.wiring.digests import of_harness


class Outputs(msgspec.Struct, frozen=True):
    """Where to write what; None: not at all."""

    html: Path | None = None
    junit: Path | None = None
    summary: Path | None = None
    charts: Path | None = None

    def __bool__(self) -> bool:
        return any((self.html, self.junit, self.summary, self.charts))


def report(
    run: str = typer.Argument("last", metavar="RUN", help="A run's id, its beginning, its name, or last."),
    open_page: bool = typer.Option(False, "--open", help="Write the page beside the run's record and open it in a browser."),
    html: Path | None = typer.Option(None, "--html", metavar="FILE", help="The page: one file that opens offline."),
    junit_to: Path | None = typer.Option(None, "--junit", metavar="FILE", help="JUnit XML: a testcase per trial, for CI."),
    summary: Path | None = typer.Option(None, "--summary", metavar="FILE", help="A job summary in Markdown."),
    charts: Path | None = typer.Option(None, "--charts", metavar="FOLDER", help="Every chart as SVG and PNG."),
    redact: bool = typer.Option(False, "--redact", help="Numbers only: no names of tasks, no words of models or tools."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.report/2."),
) -> int:
    """What a run came to: tables, versioned JSON, a page, JUnit XML, a job summary, charts.

    Example: longhaul report last --open
    """
    replaceable(html=html, junit=junit_to, summary=summary)
    opened = held(run, read())
    beside = opened.store.folder / ("report.redacted.html" if redact else "report.html")
    outputs = Outputs(html or (beside if open_page else None), junit_to, summary, charts)
    told = _overview(opened, redact=redact)
    written = _files(opened, told, outputs, redact=redact)
    if as_json:
        sys.stdout.buffer.write(document(told) + b"\n")
    elif not outputs:
        _tables(told)
    _say(written, Console(stderr=as_json))
    if open_page and outputs.html and not webbrowser.open(outputs.html.resolve().as_uri()):
        tell(Console(stderr=True), "no browser was found to open it with")
    return 0


def printed(opened: Held, *, as_json: bool) -> int:
    """A run's tables, or the same numbers as JSON, on stdout."""
    told = _overview(opened, redact=False)
    if as_json:
        sys.stdout.buffer.write(document(told) + b"\n")
    else:
        _tables(told)
    return 0


def _overview(opened: Held, *, redact: bool) -> Overview:
    """From kept rows where today's judge made them."""
    found, run = rows(opened.store, opened.tasks, of_harness()), about(opened.store)
    return overview(redacted_about(run), redacted_rows(found)) if redact else overview(run, found)


def _tables(told: Overview) -> None:
    console = Console()
    show(told, console)
    details(told, console)
    hint(told, console)


def _files(opened: Held, told: Overview, outputs: Outputs, *, redact: bool) -> list[tuple[str, Path]]:
    """What was written, in words, and where. Raises PlanError at the first that can't be; those before it stay."""
    done: list[tuple[str, Path]] = []
    if outputs.junit:
        done.append(("JUnit XML", land(outputs.junit, junit(told), "--junit")))
    if outputs.summary:
        done.append(("job summary", land(outputs.summary, (markdown(told) + "\n").encode(), "--summary")))
    if outputs.charts:
        done += _charts(told, folder(outputs.charts, "--charts"))
    if outputs.html:
        done.append(("page", _page(opened, outputs.html, redact=redact)))
    return done


def _charts(told: Overview, place: Path) -> list[tuple[str, Path]]:
    # Inside, because the drawing libraries take a second to start, and only pictures need them.
    from harness.report.charts import charts
    from harness.report.drawing import png, svg

    for chart in charts(told):
        land(place / f"{chart.name}.svg", svg(chart).encode(), "--charts")
        land(place / f"{chart.name}.png", png(chart), "--charts")
    return [("charts", place)]


def _page(opened: Held, path: Path, *, redact: bool) -> Path:
    from harness.cli.record.page import write

    write(opened, path, redact=redact, say=lambda words: tell(Console(stderr=True), words))
    return path


def _say(written: list[tuple[str, Path]], console: Console) -> None:
    for what, path in written:
        tell(console, f"{what}: {path}")
