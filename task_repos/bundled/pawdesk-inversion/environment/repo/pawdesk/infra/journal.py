"""The journal that the veterinary board may ask for: one line per act, each sealed with the one before it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pawdesk.errors import BrokenChain, NotOpen
from pawdesk.infra import clock

FIRST = "0" * 16


class Journal:
    """Lines in a file or in memory; `seal` covers the line and the seal before it."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines: list[str] = []

    def write(self, action: str, **facts: Any) -> int:
        """Adds an entry with the present moment and gives its number."""
        before = self.entries()
        entry = {"number": len(before) + 1, "at": clock.now().isoformat(), "action": action}
        entry["facts"] = {name: str(value) for name, value in facts.items()}
        entry["seal"] = _seal(entry, before[-1]["seal"] if before else FIRST)
        line = json.dumps(entry, sort_keys=True)
        if self._path is None:
            self._lines.append(line)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        return len(before) + 1

    def entries(self, action: str = "") -> list[dict[str, Any]]:
        """All entries, or those of one action."""
        if self._path is None:
            lines = self._lines
        else:
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        found = [json.loads(line) for line in lines]
        return [each for each in found if not action or each["action"] == action]

    def verify(self) -> int:
        """The number of entries, when every seal fits."""
        seal = FIRST
        entries = self.entries()
        for number, entry in enumerate(entries, start=1):
            bare = {name: value for name, value in entry.items() if name != "seal"}
            if entry["number"] != number or _seal(bare, seal) != entry["seal"]:
                raise BrokenChain(number)
            seal = entry["seal"]
        return len(entries)


def _seal(entry: dict[str, Any], before: str) -> str:
    return hashlib.sha256((before + json.dumps(entry, sort_keys=True)).encode()).hexdigest()[:16]


_journal: Journal | None = None


def install(journal: Journal | None) -> None:
    global _journal
    _journal = journal


def _installed() -> Journal:
    if _journal is None:
        raise NotOpen("no practice is open")
    return _journal


def write(action: str, **facts: Any) -> int:
    return _installed().write(action, **facts)


def entries(action: str = "") -> list[dict[str, Any]]:
    return _installed().entries(action)


def verify() -> int:
    return _installed().verify()
