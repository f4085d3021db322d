"""Calls that differ from the same ones in several ways at once: what each changes, put together."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, TypeAlias

from harness.core.memory import Use

_LINE, _WORD = re.compile(r".*\n?"), re.compile(r"\w+|\W")
Change: TypeAlias = tuple[int, int, str]
"""Of a text: from, to, and what comes there."""


def merged(plain: tuple[Use, ...], others: Sequence[tuple[Use, ...]]) -> tuple[Use, ...]:
    """`plain` with all that the others change of it: calls left out, calls put in, words within a call. Where two change the same words, the
    first of them is followed.
    """
    if len(others) < 2:
        return others[0] if others else plain
    gone: set[int] = set()
    more: dict[int, list[Use]] = {place: [] for place in range(len(plain) + 1)}
    told: dict[int, list[Use]] = {place: [] for place in range(len(plain))}
    for other in others:
        for start, end, first, last in _aligned(plain, other):
            if end - start == last - first:
                for step in range(end - start):
                    told[start + step].append(other[first + step])
            else:
                gone |= set(range(start, end))
                more[start] += [each for each in other[first:last] if each not in more[start]]
    made = [(*more[place], *(() if place in gone else (_call(call, told[place]),))) for place, call in enumerate(plain)]
    return (*(call for each in made for call in each), *more[len(plain)])


def _aligned(plain: tuple[Use, ...], other: tuple[Use, ...]) -> Iterator[tuple[int, int, int, int]]:
    """Stretches of the one and of the other; as long as each other where call stands against call: the same ones first, then between these
    those that are as many upon the same files, then those that begin with the same words.
    """
    for start, end, first, last in _codes(plain, other):
        mine, theirs = plain[start:end], other[first:last]
        if mine == theirs or not mine or not theirs or _targets(mine, 0) == _targets(theirs, 0):
            yield start, end, first, last
            continue
        for low, high, least, most in _codes(_targets(mine, 1), _targets(theirs, 1)):
            alike = _targets(mine[low:high], 0) == _targets(theirs[least:most], 0)
            cut = most if alike else least
            yield start + low, start + high, first + least, first + cut
            if not alike:
                yield start + high, start + high, first + cut, first + most


def _codes(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[tuple[int, int, int, int]]:
    yield from (code[1:] for code in SequenceMatcher(None, one, other, autojunk=False).get_opcodes())


def _targets(calls: tuple[Use, ...], lines: int) -> list[tuple[str, ...]]:
    """What each is done to, and so many lines of what is replaced there."""
    given = (json.loads(call.arguments) for call in calls)
    return [(call.tool, str(words.get("path", words.get("command", ""))), *str(words.get("old", "")).split("\n")[:lines]) for call, words in zip(calls, given, strict=True)]


def _call(plain: Use, others: Iterable[Use]) -> Use:
    """The call with every change of its arguments' texts; of anything else the first other value."""
    given: dict[str, Any] = json.loads(plain.arguments)
    ways = [json.loads(other.arguments) for other in others if other.arguments != plain.arguments]
    for name, value in given.items():
        said = [way[name] for way in ways if name in way and way[name] != value]
        if said:
            given[name] = _text(value, said) if isinstance(value, str) else said[0]
    return Use(plain.tool, json.dumps(given, ensure_ascii=False)) if ways else plain


def _text(plain: str, others: Sequence[str]) -> str:
    changes: list[Change] = []
    for other in others:
        changes += [each for each in _changes(plain, other) if not any(_clash(each, known) for known in changes)]
    for start, end, new in sorted(changes, key=lambda each: each[:2], reverse=True):
        plain = plain[:start] + new + plain[end:]
    return plain


@lru_cache(maxsize=4096)
def _changes(plain: str, other: str) -> tuple[Change, ...]:
    """By lines first, then by words within lines that differ: words of a whole file would take seconds."""
    return tuple(
        (start + low, start + high, new)
        for start, end, text in _differences(plain, other, _LINE)
        for low, high, new in _differences(plain[start:end], text, _WORD)
    )  # fmt: skip


def _differences(plain: str, other: str, piece: re.Pattern[str]) -> Iterator[Change]:
    mine, theirs = piece.findall(plain), piece.findall(other)
    at = [0]
    for each in mine:
        at.append(at[-1] + len(each))
    for kind, start, end, first, last in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if kind != "equal":
            yield at[start], at[end], "".join(theirs[first:last])


def _clash(one: Change, other: Change) -> bool:
    """They change the same words, or put in something at the same place."""
    return (one[0] < other[1] and other[0] < one[1]) or one[:2] == other[:2]
