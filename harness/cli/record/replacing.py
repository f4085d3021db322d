"""What may be written over: a file that is empty, or begins as the one that comes in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.core.errors import PlanError

HEAD: Final = 4096
"""Bytes that tell what a file is."""
KINDS: Final[Mapping[str, tuple[str, bytes, bytes]]] = {
    "html": ("page", b"<!doctype html>", b'<meta name="generator" content="longhaul">'),
    "summary": ("job summary", b"## ", b""),
    "junit": ("JUnit XML", b"<?xml", b"<testsuite"),
}
"""Option -> what it writes, how that begins, and what stands near its beginning."""


def replaceable(**files: Path | None) -> None:
    """Raises PlanError for an existing file, by its option's name, that is no earlier one of its kind: a baseline or a plan is lost by one slip.

    What is no plain file, or can't be read, is left to whoever writes.
    """
    for name, path in files.items():
        if path is not None and path.is_file():
            what, begins, near = KINDS[name]
            head = _head(path)
            if head.strip() and not (head.lstrip().startswith(begins) and near in head):
                raise PlanError(str(path), f"--{name}", f"a file that is no {what} of longhaul's", f"a new name, or an earlier {what} to replace")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
