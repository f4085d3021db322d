"""Lines of a file, whatever its bytes, bounded in number and length; and what an expression finds in them. Pure."""

from __future__ import annotations

from typing import Final

from harness.core.patterns import expression

MOST: Final = 1 << 20
"""Bytes of a file that are searched."""
LONGEST: Final = 2000
"""Characters of a line that are searched: an agent writes the text."""


def lines(data: bytes) -> tuple[str, ...]:
    """Split at newlines alone (a form feed ends no line of Python); bytes that are no UTF-8 are replaced."""
    text = data[:MOST].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    rows = text.split("\n")
    return tuple(row.removesuffix("\r")[:LONGEST] for row in (rows[:-1] if rows[-1] == "" else rows))


def counted(data: bytes) -> int:
    """Lines of the whole file."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


def hits(rows: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    """What matched, in order, each once. Raises PatternError."""
    seek = expression(pattern)
    return tuple(dict.fromkeys(row[slice(*span)] for row in rows if (span := seek.span(row))))
