"""Validations kept on this machine: one file for each task, image, harness and user's own words on them; safe to delete, for they can be made again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from harness.core.regular import read_regular
from harness.core.validation import Validation
from harness.store.atomic import place

MOST: Final = 256 << 20


class Proofs(msgspec.Struct, frozen=True):
    """In `folder`, which need not exist yet."""

    folder: Path

    def find(self, task: str, image: str, harness: str, under: str = "") -> Validation | None:
        """The kept validation of these three digests under the same words; one that can't be read counts as none."""
        try:
            found = msgspec.json.decode(read_regular(self._path(task, image, harness, under), MOST), type=Validation)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return found if (found.digest, found.image, found.harness, found.under) == (task, image, harness, under) else None

    def keep(self, proof: Validation) -> None:
        """In place of an earlier one. Raises StoreError."""
        place(self._path(proof.digest, proof.image, proof.harness, proof.under), msgspec.json.encode(proof))

    def _path(self, *digests: str) -> Path:
        return self.folder / f"{hashlib.sha256(chr(0).join(digests).encode()).hexdigest()}.json"
