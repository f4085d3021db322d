"""Calls that differ from the same ones in several ways at once: what each changes, put together."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TypeAlias

from harness.core.memory import Use

_PIECE = re.compile(r"\\.|\w+|\W", re.DOTALL)
Change: TypeAlias = tuple[int, int, list[str]]


def merged(plain: tuple[Use, ...], others: Sequence[tuple[Use, ...]]) -> tuple[Use, ...]:
    """`plain` with all that the others change of it; where two change the same words, the first of them is followed."""
    if len(others) < 2:
        return others[0] if others else plain
    words = _pieces(plain)
    changes: list[Change] = []
    for other in others:
        changes += [each for each in _changes(words, _pieces(other)) if not any(_clash(each, known) for known in changes)]
    for start, end, new in sorted(changes, key=lambda each: each[:2], reverse=True):
        words[start:end] = new
    try:
        return tuple(Use(tool, json.dumps(given, ensure_ascii=False)) for tool, given in json.loads("".join(words)))
    except ValueError:
        return others[0]


def _pieces(calls: tuple[Use, ...]) -> list[str]:
    """Words and single marks of all calls as one JSON text; an escape is one piece, so that no change cuts it in two."""
    return _PIECE.findall(json.dumps([[call.tool, json.loads(call.arguments)] for call in calls], ensure_ascii=False))


def _changes(plain: list[str], other: list[str]) -> list[Change]:
    codes = SequenceMatcher(None, plain, other, autojunk=False).get_opcodes()
    return [(start, end, other[first:last]) for kind, start, end, first, last in codes if kind != "equal"]


def _clash(one: Change, other: Change) -> bool:
    """They change the same words, or put in something at the same place."""
    return (one[0] < other[1] and other[0] < one[1]) or one[:2] == other[:2]
