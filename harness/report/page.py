"""The page of a run: one HTML file that asks nothing of any network; pure but for reading its own templates."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache
from importlib.resources import files

import msgspec
from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from harness.core.trial import Outcome
from harness.report.overview import Overview
from harness.report.page_blocks import block, element, inert
from harness.report.page_columns import COLUMNS
from harness.report.page_drawings import Drawings
from harness.report.page_format import FILTERS
from harness.report.page_trial import listed

STYLES = ("page.css", "page_trial.css", "page_print.css")
SCRIPTS = ("words.js", "blocks.js", "diff.js", "timeline.js", "items.js", "trial.js", "list.js", "drawings.js", "page.js")
SPLIT = "<!-- details -->"
OUTCOMES = tuple(outcome.value for outcome in Outcome)


class Shell(msgspec.Struct, frozen=True):
    """A page without its trials' blocks, which belong between the two halves."""

    head: str
    tail: str


def shell(told: Overview, drawings: Drawings, *, redacted: bool, folder: str) -> Shell:
    """Everything but the blocks. `folder`: where the page finds those that are not inside it, relative to it, or ""."""
    style, script = _read(STYLES), _program()
    index = {
        "run": told.about.run, "redacted": redacted, "folder": folder, "outcomes": OUTCOMES, "trials": [listed(row) for row in told.rows],
    }  # fmt: skip
    several = any(len(cell.at_k) > 1 for cell in told.cells)
    text = _templates().get_template("page.html.j2").render(
        o=told, title=told.about.name or told.about.run or "A run", redacted=redacted, several=several,
        policy=policy((script, drawings.program), style, siblings=bool(folder)), style=_ours(style), script=_ours(script),
        charts=drawings.places, index=_ours(inert(index)), specs=_ours(inert(drawings.specs)),
    )  # fmt: skip
    head, _, tail = text.partition(SPLIT)
    return Shell(head + element("vega", block(drawings.program)), tail)


def policy(scripts: tuple[str, ...], style: str, *, siblings: bool) -> str:
    """The Content-Security-Policy: only these very texts run, nothing is fetched from anywhere.

    With details beside the page, its own folder may be loaded from: `file:` for a page on a disk, 'self' for one that a server hands out.
    """
    known = " ".join(f"'sha256-{_digest(text)}'" for text in scripts)
    near = " 'self' file:" if siblings else ""
    rules = (
        "default-src 'none'", f"script-src {known}{near}", f"style-src-elem 'sha256-{_digest(style)}'", "style-src-attr 'unsafe-inline'",
        "base-uri 'none'", "form-action 'none'",
    )  # fmt: skip
    return "; ".join(rules)


def _ours(text: str) -> Markup:
    """Text that stands as it is: our own files, or JSON without a `<`."""
    return Markup(text)  # noqa: S704


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _program() -> str:
    return f'(() => {{\n"use strict";\n{_read(SCRIPTS)}\n}})();\n'


@cache
def _read(names: tuple[str, ...]) -> str:
    return "\n".join(_file(name) for name in names)


def _file(name: str) -> str:
    return files("harness.report").joinpath("templates", name).read_text("utf-8")


def _templates() -> Environment:
    made = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(_file), trim_blocks=False, lstrip_blocks=True)
    made.filters.update({**FILTERS, **COLUMNS})
    made.globals["outcomes"] = OUTCOMES
    return made
