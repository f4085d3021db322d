"""Accounts of trials, kept beside a run's record: one file for each trial and measure; safe to delete, for they can be made again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from harness.core.regular import read_regular
from harness.store.atomic import place

MOST: Final = 64 << 20


class Named(msgspec.Struct, frozen=True):
    """Names one account. `measure`: digest of what made it; `settled`, `seq`: when the trial was settled and its last entry; `task`: its digest.

    `tested`: all tests at ends of stages had been run.
    """

    trial: str
    measure: str
    settled: float
    seq: int
    task: str
    tested: bool


def _digest(data: bytes) -> bytes:
    """What was damaged since must not pass for a figure."""
    return hashlib.sha256(data).hexdigest().encode("ascii")


class KeptAccounts(msgspec.Struct, frozen=True):
    """In the folder `context` of a run's, which need not exist yet."""

    run: Path

    def find(self, name: Named) -> bytes | None:
        """None also where the file can't be read, or answers to another name: it is a cache."""
        try:
            head, _, rest = read_regular(self._path(name), MOST).partition(b"\n")
            digest, _, body = rest.partition(b"\n")
            good = msgspec.json.decode(head, type=Named) == name and digest == _digest(body)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return body if good else None

    def keep(self, name: Named, data: bytes) -> None:
        """In place of an earlier one of this trial. Raises StoreError."""
        place(self._path(name), b"\n".join((msgspec.json.encode(name), _digest(data), data)))

    def any(self) -> bool:
        """Whether any account was ever kept."""
        try:
            return any(self._folder.iterdir())
        except OSError:
            return False

    @property
    def _folder(self) -> Path:
        return self.run / "context"

    def _path(self, name: Named) -> Path:
        kind = "tested" if name.tested else "plain"
        return self._folder / f"{name.trial}.{kind}.json"
