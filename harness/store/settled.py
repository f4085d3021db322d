"""What tests said of recorded trees, kept beside a run's record: one file for each tree and set of ids; safe to delete, for they can be run again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec

from harness.core.recorded import Tree
from harness.core.regular import read_regular
from harness.store.atomic import place

MOST: Final = 4 << 20


class Asked(msgspec.Struct, frozen=True):
    """Names one question. `ids` sorted; `image`, `task`: digests."""

    tree: Tree
    ids: tuple[str, ...]
    image: str
    task: str


class _Kept(msgspec.Struct, frozen=True):
    asked: Asked
    passed: dict[str, bool]


def name_of(data: bytes) -> str:
    """The name of the file that holds this answer. Raises msgspec.MsgspecError for what is none."""
    return _name(msgspec.json.decode(data, type=_Kept).asked)


def complaint(path: Path) -> str:
    """Why this file answers nothing, or ""; such a one is passed over, its tests are run again, and no archive takes it."""
    try:
        data = read_regular(path, MOST)
        kept = msgspec.json.decode(data, type=_Kept)
    except OSError as fault:
        return f"can't be read: {fault.strerror or fault}"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return f"can't be read: {fault}"
    if _name(kept.asked) != path.stem:
        return "answers another question than its name"
    return "" if set(kept.passed) == set(kept.asked.ids) else "does not answer for all of its tests"


def _name(asked: Asked) -> str:
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()


class SettledTests(msgspec.Struct, frozen=True):
    """In the folder `settled` of a run's, which need not exist yet."""

    run: Path

    def find(self, asked: Asked) -> dict[str, bool] | None:
        """Id -> whether it passed; a file that can't be read, or answers another question, counts as none."""
        try:
            kept = msgspec.json.decode(read_regular(self._path(asked), MOST), type=_Kept)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return kept.passed if kept.asked == asked and set(kept.passed) == set(asked.ids) else None

    def keep(self, asked: Asked, passed: dict[str, bool]) -> None:
        """In place of an earlier answer. Raises StoreError."""
        place(self._path(asked), msgspec.json.encode(_Kept(asked, passed)))

    def _path(self, asked: Asked) -> Path:
        return self.run / "settled" / f"{_name(asked)}.json"
