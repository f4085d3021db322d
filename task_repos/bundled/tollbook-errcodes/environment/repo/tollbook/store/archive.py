"""What has been sent and answered, kept for the years that the law asks for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

YEARS = 10


@dataclass(frozen=True)
class Kept:
    """An archived text: its path below the folder and the digest of its bytes."""

    name: str
    digest: str


class Archive:
    """A folder with a subfolder for each year."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def keep(self, day: date, name: str, text: str) -> Kept:
        """Write a text; the same text may be kept twice, another one under its name gets a number."""
        path = self._place(f"{day.year}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8")
        number = 1
        while path.exists() and path.read_bytes() != data:
            number += 1
            path = self._place(f"{day.year}/{name}-{number}")
        path.write_bytes(data)
        return Kept(path.relative_to(self._folder).as_posix(), hashlib.sha256(data).hexdigest())

    def text(self, name: str) -> str:
        """A kept text by its path."""
        return self._place(name).read_text(encoding="utf-8")

    def outdated(self, today: date) -> list[str]:
        """Paths of texts of years that need not be kept any more."""
        years = [path for path in self._folder.iterdir() if path.is_dir() and path.name.isdigit()]
        old = [path for path in years if int(path.name) < today.year - YEARS]
        return sorted(each.relative_to(self._folder).as_posix() for path in old for each in path.iterdir())

    def _place(self, name: str) -> Path:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise RuntimeError(f"archive entry {name!r} would leave the folder")
        return path
