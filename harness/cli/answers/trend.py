"""`longhaul trend`: nights in a row, each against one reference, as a table, a page and JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import typer
from rich.console import Console

from harness.answer.night.baseline import read as read_baseline
from harness.answer.night.nights import Trend
from harness.answer.night.trend import document
from harness.answer.night.trend import trend as told_of
from harness.cli.answers.nightly import apart, share
from harness.cli.answers.nights import nights
from harness.cli.answers.trend_text import show
from harness.cli.record.landing import land
from harness.cli.record.replacing import replaceable
from harness.cli.screen.layout import tell
from harness.settings import read

PAGE = "report.html"
"""As `longhaul report --open` writes it into a run's folder."""


def trend(
    folder: Path | None = typer.Argument(None, metavar="[DIR]", help="Run folders or files of `report --json`; without it the runs of LONGHAUL_HOME."),
    baseline: Path | None = typer.Option(None, "--baseline", metavar="FILE", help="What nights are judged against; without it each side's first night."),
    max_drop: float = typer.Option(0.10, "--max-drop", metavar="RATE", help="The drop of the pass rate that matters, 0 to 1."),
    name: str = typer.Option("", "--name", metavar="NAME", help="Only nights whose run or plan is called so ('night-*'), where other runs share the folder."),
    html: Path | None = typer.Option(None, "--html", metavar="FILE", help="The page: one file that opens offline."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object, schema longhaul.trend/1."),
) -> int:
    """Nights in a row: rates with intervals, words, what changed in between, and the tasks that turn.

    Example: longhaul trend --baseline nightly.json --html trend.html
    """
    apart(baseline=baseline, html=html)
    replaceable(html=html)
    settings = read()
    drop = share(max_drop, "--max-drop")
    reference = read_baseline(baseline) if baseline else None
    found = nights(folder or settings.home / "runs", name, settings)
    told = told_of(found.entries, reference, drop, found.damaged, found.told)
    if html:
        land(html, _page(told, html), "--html")
    if as_json:
        sys.stdout.buffer.write(document(told) + b"\n")
    else:
        show(told, Console())
    if html:
        tell(Console(stderr=as_json), f"page: {html}")
    return 0


def _page(told: Trend, html: Path) -> bytes:
    # Inside, because the template is compiled as it is imported, and only a page needs it.
    from harness.answer.pages.trend_page import page

    return page(told, _links(told, html.resolve().parent))


def _links(told: Trend, beside: Path) -> dict[str, str]:
    """Run -> its own page, where it stands in its folder, as seen from the page of the trend."""
    pages = {night.run: Path(night.place).resolve() / PAGE for night in told.nights}
    return {run: Path(os.path.relpath(path, beside)).as_posix() for run, path in pages.items() if path.is_file()}
