"""Paper: pages in a spool folder, one folder for each queue."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pawdesk.errors import NotOpen


class PrintSpool:
    """Pages by queue, in a folder or in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pages: list[tuple[str, str]] = []

    def print_page(self, queue: str, title: str, lines: Iterable[str]) -> str:
        """Spools a page and gives its name."""
        text = "\n".join([title, "", *lines]) + "\n"
        number = len(self.printed(queue)) + 1
        if self._folder is None:
            self._pages.append((queue, text))
        else:
            (self._folder / queue).mkdir(parents=True, exist_ok=True)
            (self._folder / queue / f"{number:04d}.txt").write_text(text, encoding="utf-8")
        return f"{queue}/{number:04d}"

    def printed(self, queue: str) -> list[str]:
        """The texts of a queue."""
        if self._folder is None:
            return [text for name, text in self._pages if name == queue]
        return [path.read_text(encoding="utf-8") for path in sorted((self._folder / queue).glob("*.txt"))]


_spool: PrintSpool | None = None


def install(spool: PrintSpool | None) -> None:
    global _spool
    _spool = spool


def _installed() -> PrintSpool:
    if _spool is None:
        raise NotOpen("no practice is open")
    return _spool


def print_page(queue: str, title: str, lines: Iterable[str]) -> str:
    return _installed().print_page(queue, title, lines)


def printed(queue: str) -> list[str]:
    return _installed().printed(queue)
