"""Names that nothing may be sent to, and names that only look like them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from tollbook.consignments.problems import Problem
from tollbook.errors import Sanctioned

ALIKE = 0.82


@dataclass(frozen=True)
class Listed:
    """A name on the list `source`, by its number there."""

    name: str
    source: str
    number: int


def plain(name: str) -> str:
    """A name in lower case, its words in order of the alphabet, without signs."""
    kept = "".join(sign if sign.isalnum() else " " for sign in name.lower())
    return " ".join(sorted(kept.split()))


class SanctionsList:
    """All lists that a forwarder has to mind."""

    def __init__(self, entries: Iterable[Listed] = ()) -> None:
        self._entries = {plain(each.name): each for each in entries}

    def refuse(self, name: str) -> None:
        """Raise for a name that is listed."""
        entry = self._entries.get(plain(name))
        if entry is not None:
            raise Sanctioned(f"{name!r} matches the sanctions list ({entry.source}, entry {entry.number})")

    def doubts(self, name: str) -> list[Problem]:
        """A warning for each listed name that looks much like this one, the likest first."""
        wanted = plain(name)
        scores = [(SequenceMatcher(None, wanted, key).ratio(), each) for key, each in self._entries.items()]
        near = sorted((pair for pair in scores if ALIKE <= pair[0] < 1), key=lambda pair: -pair[0])
        return [
            Problem(506, f"{name!r} resembles {each.name!r} on the sanctions list ({score:.0%})")
            for score, each in near
        ]


def read_list(text: str, source: str) -> list[Listed]:
    """Entries from lines `number name`; empty lines and those that begin with # are passed over."""
    found = []
    for line in text.splitlines():
        number, _, name = line.strip().partition(" ")
        if number.isdigit() and name.strip():
            found.append(Listed(name.strip(), source, int(number)))
    return found
