"""Lines of a file, whatever its bytes: bounded in number and length, so that an expression searched in them ends. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MOST: Final = 1 << 20
"""Bytes of a file that are searched."""
LONGEST: Final = 2000
"""Characters of a line that are searched: an agent writes the text, and an expression may take the square of its length."""


def lines(data: bytes) -> tuple[str, ...]:
    """Split at newlines alone (a form feed ends no line of Python); bytes that are no UTF-8 are replaced."""
    text = data[:MOST].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    rows = text.split("\n")
    return tuple(row.removesuffix("\r")[:LONGEST] for row in (rows[:-1] if rows[-1] == "" else rows))


def counted(data: bytes) -> int:
    """Lines of the whole file."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


@lru_cache(maxsize=1024)
def expression(pattern: str) -> re.Pattern[str]:
    """Raises re.error for what is none: a manifest's reader asks before anything is spent."""
    return re.compile(pattern)


def hits(rows: tuple[str, ...], pattern: str) -> tuple[str, ...]:
    """What matched, in order, each once."""
    seek = expression(pattern)
    return tuple(dict.fromkeys(found[0] for row in rows if (found := seek.search(row))))
