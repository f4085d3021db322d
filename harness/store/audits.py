"""Keys of audits, kept beside a run's record and never among what labellers are handed: which sample is a finding and which was drawn by lot."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import StoreError
from harness.core.regular import read_regular
from harness.store.atomic import place

MOST: Final = 16 << 20
NAME: Final = re.compile(r"[0-9a-f]{12}")


class _Kept(msgspec.Struct, frozen=True):
    audit: str
    run: str
    measure: str
    seed: int
    samples: msgspec.Raw


def named(run: str, measure: str, seed: int, samples: object) -> str:
    """The name of an audit, by all that its key says: what was changed since must not be believed."""
    return hashlib.sha256(msgspec.json.encode((run, measure, seed, samples))).hexdigest()[:12]


def name_of(data: bytes) -> str:
    """The name that the key's own content gives it. Raises msgspec.MsgspecError for what is no key, UnicodeDecodeError, RecursionError."""
    kept = msgspec.json.decode(data, type=_Kept)
    name = named(kept.run, kept.measure, kept.seed, kept.samples)
    return name if kept.audit == name else ""


def complaint(path: Path) -> str:
    """Why this file is no key, or ""."""
    try:
        name = name_of(read_regular(path, MOST))
    except OSError as fault:
        return f"can't be read: {fault.strerror or fault}"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return f"is no key of an audit: {fault}"
    return "" if name == path.stem else "is not the key that its name stands for"


class KeptKeys(msgspec.Struct, frozen=True):
    """In the folder `audits` of a run's, which need not exist yet."""

    run: Path

    def names(self) -> tuple[str, ...]:
        try:
            return tuple(sorted(path.stem for path in (self.run / "audits").glob("*.json") if NAME.fullmatch(path.stem)))
        except OSError:
            return ()

    def find(self, name: str) -> bytes | None:
        """None for one that is not there. Raises StoreError for one that can't be read."""
        if not NAME.fullmatch(name):
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
