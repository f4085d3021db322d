"""The arguments of a recorded call as an object, read as strictly as at the tools' border: what is doubtful is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import accumulate

DEEPEST = 64
LONGEST_NUMBER = 17
"""Characters, sign included. The bounds are those of the border, so that both take the same calls."""
_OUTSIDE_STRINGS = re.compile(r'"(?:[^"\\]++|\\.)*+\\?(?:"|\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class _DoubtfulError(ValueError):
    """Valid for Python's reader, but not strict JSON that the border takes."""


def parsed(raw: str) -> Mapping[str, object] | None:
    """The one JSON object that the text is, {} for an empty one; None for anything else: twice the same name, NaN, nesting too deep."""
    if not raw.strip():
        return {}
    try:
        value = None if _depth(raw) > DEEPEST else json.loads(
            raw, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_whole, parse_float=_real
        )  # fmt: skip
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def strings(value: object) -> list[str]:
    """Every text in a parsed value, in order, names left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in strings(each)]
    return [text for each in value for text in strings(each)] if isinstance(value, list) else []


def _depth(raw: str) -> int:
    brackets = _BRACKET.findall(_OUTSIDE_STRINGS.sub("", raw))
    return max(accumulate((1 if bracket in "[{" else -1 for bracket in brackets), initial=0))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _DoubtfulError("the same name twice")
    return found


def _constant(word: str) -> object:
    raise _DoubtfulError(word)


def _whole(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise _DoubtfulError("a number too long")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise _DoubtfulError("a number too large")
    return value
