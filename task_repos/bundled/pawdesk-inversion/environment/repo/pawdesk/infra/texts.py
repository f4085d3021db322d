"""Short messages to telephones: lines in a file that the gateway box reads."""

from __future__ import annotations

import json
from pathlib import Path

from pawdesk.errors import NotOpen, Refused

LONGEST = 160


class TextSpool:
    """Short messages, one JSON line each, in a file or in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines: list[str] = []

    def send(self, number: str, text: str) -> None:
        digits = number.replace(" ", "").lstrip("+")
        if not digits.isdigit():
            raise Refused(f"not a telephone number: {number!r}")
        line = json.dumps({"to": "+" + digits, "text": text[:LONGEST]}, sort_keys=True)
        if self._path is None:
            self._lines.append(line)
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def sent(self) -> list[dict[str, str]]:
        if self._path is None:
            lines = self._lines
        else:
            lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        return [json.loads(line) for line in lines]


_spool: TextSpool | None = None


def install(spool: TextSpool | None) -> None:
    global _spool
    _spool = spool


def _installed() -> TextSpool:
    if _spool is None:
        raise NotOpen("no practice is open")
    return _spool


def send(number: str, text: str) -> None:
    _installed().send(number, text)


def sent() -> list[dict[str, str]]:
    return _installed().sent()
