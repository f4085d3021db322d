"""A path as a model wrote it: relative ones are under the repository's root; pure."""

from __future__ import annotations

from pathlib import PurePosixPath

from agents.tools.arguments import Arguments, Flaw

LONGEST_PATH = 4095
"""Bytes, of every Linux."""


def path_of(arguments: Arguments) -> PurePosixPath | Flaw:
    """The `path` argument, or what keeps it from naming a file."""
    raw = arguments.text("path")
    if not raw.strip():
        return Flaw("arguments", "`path` is empty.")
    if "\0" in raw:
        return Flaw("arguments", "`path` holds a NUL character.")
    if len(raw.encode()) > LONGEST_PATH:
        return Flaw("arguments", f"`path` is longer than {LONGEST_PATH} bytes.")
    return PurePosixPath(raw)
