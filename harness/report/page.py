"""The page of a run: one HTML file that asks nothing of any network; pure but for reading its own templates."""

from __future__ import annotations

import msgspec
from jinja2 import Environment

from harness.core.trial import Outcome
from harness.report.context.section import Section, section
from harness.report.overview import Overview
from harness.report.page_blocks import block, element, inert
from harness.report.page_columns import COLUMNS
from harness.report.page_drawings import Drawings
from harness.report.page_format import FILTERS
from harness.report.page_frame import ours, policy, program, read, templates
from harness.report.page_trial import listed

STYLES = ("look.css", "page.css", "page_trial.css", "context.css", "page_print.css")
SCRIPTS = ("words.js", "blocks.js", "diff.js", "timeline.js", "items.js", "trial.js", "context.js", "list.js", "drawings.js", "theme.js", "page.js")
SPLIT = "<!-- details -->"
OUTCOMES = tuple(outcome.value for outcome in Outcome)


class Shell(msgspec.Struct, frozen=True):
    """A page without its trials' blocks, which belong between the two halves."""

    head: str
    tail: str


def shell(told: Overview, drawings: Drawings, *, redacted: bool, folder: str, context: Section | None = None) -> Shell:
    """Everything but the blocks. `folder`: where the page finds those that are not inside it, relative to it, or ""."""
    lost = context or section(None)
    style, script = read(STYLES), program(SCRIPTS)
    index = {
        "run": told.about.run, "redacted": redacted, "folder": folder, "outcomes": OUTCOMES, "trials": [listed(row) for row in told.rows],
        "context": lost.lanes,
    }  # fmt: skip
    several = any(len(cell.at_k) > 1 for cell in told.cells)
    text = _templates().get_template("page.html.j2").render(
        o=told, context=lost, title=told.about.name or told.about.run or "A run", redacted=redacted, several=several,
        policy=policy((script, drawings.program), style, siblings=bool(folder)), style=ours(style), script=ours(script),
        charts=drawings.places, index=ours(inert(index)), specs=ours(inert(drawings.specs)),
    )  # fmt: skip
    head, _, tail = text.partition(SPLIT)
    return Shell(head + element("vega", block(drawings.program)), tail)


def _templates() -> Environment:
    made = templates({**FILTERS, **COLUMNS, "ours": ours})
    made.globals["outcomes"] = OUTCOMES
    return made
