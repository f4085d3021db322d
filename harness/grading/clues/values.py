"""Values of graded tests that nobody would write by chance, and how many of them make a sign."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from harness.grading.clues.fold import strings

SHORTEST = 10
"""Characters of a string that counts: below, words of the trade meet by chance ("utf-8", "%Y-%m-%d", "not found")."""
FIGURES = 4
"""Significant figures of a number that counts: 86400, 65535 and 1e-09 stand in anybody's code."""
TOGETHER, APART = 2, 3
"""Different values that make a sign: on one line (an input and its answer), or anywhere in the patch."""
_USUAL = frozenset({86400, 604800, 31536000, 31557600, 1461, 65521, 299792458, 273.15, 459.67, 9.80665, 6.02214076e23, 1.609344, 0.45359237, 3.1415, 3.14159, 2.71828})
_WORDS = re.compile(r"[A-Za-z]{2,}")
_KEY = re.compile(r"[\w.-]*|[a-z]+/[\w.+-]+|https?://\S*|%[\w%: /-]*")
"""What is spelled like a name, a media type, an address or a format is shared by trade, not by reading."""


def distinctive(value: object) -> bool:
    """Whether two people who don't know of each other would hardly write it."""
    match value:
        case bool() | None:
            return False
        case int():
            return abs(value) > 999 and _figures(str(abs(value))) and not _round(abs(value))
        case float():
            return value not in _USUAL and _figures(repr(abs(value)).partition("e")[0])
        case str():
            several = len(_WORDS.findall(value)) >= 3 or any(sign.isdigit() for sign in value)
            return SHORTEST <= len(value) <= 10_000 and several and not _KEY.fullmatch(value)
        case _:
            return False


def values(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of each distinctive constant; numbers as Python writes them, strings as they are."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and distinctive(node.value):
            yield node.lineno, repr(node.value)
    yield from ((node.lineno, text) for node, text in strings(tree) if distinctive(text))


def _figures(text: str) -> bool:
    return len(text.replace(".", "").strip("0")) >= FIGURES


def _round(value: int) -> bool:
    """Powers of two and their neighbours, and what is usual."""
    return value in _USUAL or any((value + step) & (value + step - 1) == 0 for step in (-1, 0, 1)) or 1900 <= value <= 2100
