"""The laboratory's exchange folder: orders go into `out`, results are found in `in` and moved to `done`."""

from __future__ import annotations

from pathlib import Path

from pawdesk.errors import NotOpen


class LabFolder:
    """Two folders that the laboratory's own program watches; lists without a folder."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self.dropped: list[tuple[str, str]] = []
        self.waiting: list[tuple[str, str]] = []

    def drop(self, name: str, text: str) -> None:
        """Leaves an order for the laboratory."""
        if self._folder is None:
            self.dropped.append((name, text))
            return
        (self._folder / "out").mkdir(parents=True, exist_ok=True)
        (self._folder / "out" / name).write_text(text, encoding="utf-8")

    def collect(self) -> list[tuple[str, str]]:
        """Takes what the laboratory has left, once."""
        if self._folder is None:
            found, self.waiting = self.waiting, []
            return found
        done = self._folder / "done"
        done.mkdir(parents=True, exist_ok=True)
        found = []
        for path in sorted((self._folder / "in").glob("*.txt")):
            found.append((path.name, path.read_text(encoding="utf-8")))
            path.rename(done / path.name)
        return found


_lab: LabFolder | None = None


def install(lab: LabFolder | None) -> None:
    global _lab
    _lab = lab


def _installed() -> LabFolder:
    if _lab is None:
        raise NotOpen("no practice is open")
    return _lab


def drop(name: str, text: str) -> None:
    _installed().drop(name, text)


def collect() -> list[tuple[str, str]]:
    return _installed().collect()
