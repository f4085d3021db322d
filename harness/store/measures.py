"""Measurements kept on this machine: one file for each pairing of model, server and agent; safe to delete, for they can be made again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from harness.core.measured import Measured, Pairing
from harness.core.regular import read_regular
from harness.store.atomic import place

MOST: Final = 1 << 20


class _Kept(msgspec.Struct, frozen=True):
    pairing: Pairing
    measured: Measured


class Measures(msgspec.Struct, frozen=True):
    """In `folder`, which need not exist yet."""

    folder: Path

    def find(self, pairing: Pairing) -> Measured | None:
        """What was kept of just this pairing; a file that can't be read, or says what no measurement can, counts as none."""
        try:
            kept = msgspec.json.decode(read_regular(self._path(pairing), MOST), type=_Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return kept.measured if kept.pairing == pairing and _sound(kept.measured) else None

    def keep(self, pairing: Pairing, measured: Measured) -> None:
        """In place of an earlier one. Raises StoreError."""
        place(self._path(pairing), msgspec.json.encode(_Kept(pairing, measured)))

    def _path(self, pairing: Pairing) -> Path:
        return self.folder / f"{hashlib.sha256(msgspec.json.encode(pairing)).hexdigest()}.json"


def _sound(measured: Measured) -> bool:
    """A speed of nothing would make a night endless."""
    return all(speed is None or speed > 0 for speed in (measured.prefill, measured.decode))
