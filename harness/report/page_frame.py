"""What every page of ours is framed by: its policy, the look they share, and templates that stand in the package."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

REPORT = "harness.report"


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


def ours(text: str) -> Markup:
    """Text that stands as it is: our own files, or JSON without a `<`."""
    return Markup(text)  # noqa: S704


def program(names: tuple[str, ...], room: str = REPORT) -> str:
    """The scripts as one that leaves no name behind."""
    return f'(() => {{\n"use strict";\n{read(names, room)}\n}})();\n'


@cache
def read(names: tuple[str, ...], room: str = REPORT) -> str:
    """Files of a room's templates, one after the other."""
    return "\n".join(_file(name, room) for name in names)


def templates(filters: Mapping[str, Callable[..., object]], room: str = REPORT) -> Environment:
    """Jinja2 over a room's templates, and over the report's for what the room has none of; every word is escaped."""

    def load(name: str) -> str:
        return _file(name, room if files(room).joinpath("templates", name).is_file() else REPORT)

    made = Environment(autoescape=True, undefined=StrictUndefined, loader=FunctionLoader(load), trim_blocks=False, lstrip_blocks=True)
    made.filters.update(filters)
    return made


def _digest(text: str) -> str:
    return b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _file(name: str, room: str) -> str:
    return files(room).joinpath("templates", name).read_text("utf-8")
