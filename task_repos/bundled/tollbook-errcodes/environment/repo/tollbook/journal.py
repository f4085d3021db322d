"""What happened to declarations, one line each: moment, declaration, what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_SEPARATOR = " | "


@dataclass(frozen=True)
class Note:
    """One line of a journal; `text` begins with a code where something went wrong."""

    moment: datetime
    number: str
    text: str

    def line(self) -> str:
        """As it stands in the file."""
        flat = " ".join(self.text.split())
        return _SEPARATOR.join((self.moment.isoformat(timespec="seconds"), self.number, flat))


class Journal:
    """Notes in a file, the oldest first; lines that can't be read are passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, moment: datetime, number: str, what: object) -> Note:
        """Note something, such as an error."""
        note = Note(moment, number, str(what))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(note.line() + "\n")
        return note

    def notes(self, number: str | None = None) -> Iterator[Note]:
        """All notes, or those of a declaration."""
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            note = _read(line)
            if note is not None and number in (None, note.number):
                yield note

    def last(self, number: str) -> Note | None:
        """The latest note of a declaration."""
        found = list(self.notes(number))
        return found[-1] if found else None


def _read(line: str) -> Note | None:
    parts = line.split(_SEPARATOR, 2)
    if len(parts) != 3:
        return None
    try:
        return Note(datetime.fromisoformat(parts[0]), parts[1], parts[2])
    except ValueError:
        return None
