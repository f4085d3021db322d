"""What went wrong most: codes in a journal, counted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from tollbook.journal import Journal

_CODE = re.compile(r"\[?([A-Z]{2}-?\d{1,3})\]?:? ")


@dataclass(frozen=True)
class Count:
    """How often a code was noted, and the last declaration that it was noted for."""

    code: str
    times: int
    last: str


def code_of(text: str) -> str:
    """The code that a text begins with; "" without one."""
    found = _CODE.match(text)
    return found[1] if found else ""


def counts(journal: Journal) -> list[Count]:
    """Codes in a journal, the most frequent first."""
    times: Counter[str] = Counter()
    last: dict[str, str] = {}
    for note in journal.notes():
        code = code_of(note.text)
        if code:
            times[code] += 1
            last[code] = note.number
    ordered = sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Count(code, count, last[code]) for code, count in ordered]


def table(journal: Journal) -> str:
    """The counts as lines."""
    return "".join(f"{each.times:5d}  {each.code:<7} {each.last}\n" for each in counts(journal))
