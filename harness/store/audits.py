"""Keys of audits, kept beside a run's record and never among what labellers are handed: which sample is a finding and which was drawn by lot."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import StoreError
from harness.core.regular import read_regular
from harness.store.atomic import place

MOST: Final = 16 << 20


def complaint(path: Path) -> str:
    """Why this file is no key, or ""."""
    try:
        body = msgspec.json.decode(read_regular(path, MOST))
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return f"can't be read: {fault}"
    return "" if isinstance(body, dict) else "is no key of an audit"


class KeptKeys(msgspec.Struct, frozen=True):
    """In the folder `audits` of a run's, which need not exist yet."""

    run: Path

    def names(self) -> tuple[str, ...]:
        try:
            return tuple(sorted(path.stem for path in (self.run / "audits").glob("*.json")))
        except OSError:
            return ()

    def find(self, name: str) -> bytes | None:
        """None for one that is not there. Raises StoreError for one that can't be read."""
        if not re.fullmatch(r"[0-9a-f]{12}", name):
            return None
        path = self._path(name)
        try:
            return read_regular(path, MOST)
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise StoreError(f"{path}: {fault.strerror or fault}") from fault

    def keep(self, name: str, data: bytes) -> None:
        """In place of an earlier one of this name, which says the same. Raises StoreError."""
        place(self._path(name), data)

    def _path(self, name: str) -> Path:
        return self.run / "audits" / f"{name}.json"
