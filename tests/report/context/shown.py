"""A Loss as its readers have it: the page's part, the terminal's text, and all its plots."""

from __future__ import annotations

import io
from functools import cache

from rich.console import Console

from harness.cli.context.context_text import show
from harness.report.context.loss import Loss
from harness.report.context.plot import Plot
from harness.report.context.section import section
from harness.report.overview import Overview
from harness.report.page import shell
from harness.report.page_drawings import Drawings, drawings
from tests.report.runs import a_run


@cache
def a_frame() -> tuple[Overview, Drawings]:
    """A run for the page around."""
    run = a_run()
    return run, drawings(run)


def page(told: Loss | None) -> str:
    run, drawn = a_frame()
    made = shell(run, drawn, redacted=False, folder="", context=section(told))
    return made.head + made.tail


def text(told: Loss, width: int = 200) -> str:
    out = io.StringIO()
    show(told, Console(file=out, width=width, force_terminal=True, color_system=None), every=True)
    return out.getvalue()


def plots(told: Loss) -> list[Plot]:
    made = section(told)
    return [plot for part in made.parts for plot in part.plots] + list(made.plots)


def flat(words: str) -> str:
    return " ".join(words.split())
