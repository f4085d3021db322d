"""Finds the passage of a file most like one that is not there; bounded work whatever the sizes; pure."""

from __future__ import annotations

import heapq
import re
from difflib import SequenceMatcher

import msgspec

MOST_LINES = 50_000
"""Lines of the file that are looked at."""
CANDIDATES = 12
COMPARED = 1_200
"""Characters of each candidate; the matcher's work grows with their square."""
LIKE_ENOUGH = 0.5
SHOWN_LINES = 12


class Nearest(msgspec.Struct, frozen=True):
    """Lines `first` to `last`, from 1, as they are; `blank`: differs from what was sought in white space alone."""

    first: int
    last: int
    lines: tuple[str, ...]
    blank: bool


def nearest(text: str, sought: str) -> Nearest | None:
    """The passage as high as `sought` that is most like it, or None where nothing is."""
    lines, wanted = text.splitlines()[:MOST_LINES], sought.strip("\r\n").splitlines() or [sought]
    starts = _starts(lines, wanted)
    if not starts:
        return None
    likeness, start = max((_likeness(lines, wanted, start), -start) for start in starts)
    if likeness < LIKE_ENOUGH:
        return None
    found = lines[-start : -start + len(wanted)]
    return Nearest(-start + 1, -start + len(found), tuple(found[:SHOWN_LINES]), _bare(found) == _bare(wanted))


def _starts(lines: list[str], wanted: list[str]) -> list[int]:
    """Where a passage may begin: its most telling line is laid over the lines that share most words with it."""
    anchor = max(range(len(wanted)), key=lambda k: (len(set(_words(wanted[k]))), len(wanted[k]), -k))
    sought = set(_words(wanted[anchor]))
    shared = ((len(sought & set(_words(line))), -abs(len(line) - len(wanted[anchor])), -k) for k, line in enumerate(lines))
    best = heapq.nlargest(CANDIDATES, (mark for mark in shared if mark[0]))
    return sorted({min(max(0, -mark[2] - anchor), len(lines) - 1) for mark in best})


def _words(line: str) -> list[str]:
    return re.findall(r"\w+", line[:COMPARED])


def _likeness(lines: list[str], wanted: list[str], start: int) -> float:
    here = "\n".join(line[:COMPARED] for line in lines[start : start + min(len(wanted), COMPARED)])[:COMPARED]
    there = "\n".join(line[:COMPARED] for line in wanted[:COMPARED])[:COMPARED]
    return SequenceMatcher(None, here, there, autojunk=False).ratio()


def _bare(lines: list[str]) -> str:
    return "".join("".join(line.split()) for line in lines)
