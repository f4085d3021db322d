"""What mining came to, kept beside the tasks in mined.json: every change that was looked at, its kind or the reason against it."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import msgspec

from harness.core.errors import TaskError

NAME: Final = "mined.json"
FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SCHEMA: Final = "longhaul.mined/1"


class Reason(StrEnum):
    """Why a change is no task; the whole list."""

    FIRST = "first commit"
    NOTHING = "nothing changed"
    MERGE = "merge without change of its own"
    DUPLICATE = "duplicate"
    SUBMODULE = "submodule"
    TESTS_ONLY = "tests only"
    NO_PYTHON = "no Python source"
    FEW = "too few source files"
    BINARY = "binary"
    LARGE = "patch too large"
    UNFIT = "unfit tree"
    UNTESTED = "no tests"
    ENVIRONMENT = "environment fails"
    SLOW = "tests run too long"
    AFTER = "tests fail after"
    BEFORE = "tests fail before"
    NO_CHECK = "no check that fails before"
    FLAKY = "flaky"


class Accepted(msgspec.Struct, frozen=True):
    """Somebody has read the instruction: `digest` is of the text that was read, `date` a day."""

    date: str
    digest: str


class Examined(msgspec.Struct, frozen=True):
    """One change. `key` names it for ever, `kind` is empty where `reason` speaks; times in seconds."""

    key: str
    unit: Literal["commit", "merge", "range", "stages", "releases"]
    title: str
    date: str
    files: int
    seconds: float
    settings: str = ""
    """Digest of the words that decide what becomes a task: with others a rejection is looked at again."""
    kind: Literal["", "behaviour", "refactoring"] = ""
    task: str = ""
    reason: Reason | None = None
    detail: str = ""
    fail_to_pass: int = 0
    pass_to_pass: int = 0
    flaky: int = 0
    accepted: Accepted | None = None


class Mined(msgspec.Struct, frozen=True):
    """The manifest: changes in the order in which they were looked at."""

    schema: str = SCHEMA
    changes: tuple[Examined, ...] = ()

    @property
    def tasks(self) -> tuple[Examined, ...]:
        return tuple(change for change in self.changes if change.task)


def load(folder: Path) -> Mined:
    """The manifest of a folder, an empty one where there is none. Raises TaskError."""
    path = folder / NAME
    if not path.exists():
        return Mined()
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Mined)
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError) as fault:
        raise TaskError(str(path), "text", str(fault), "what `longhaul mine` has written") from fault
    if found.schema != SCHEMA:
        raise TaskError(str(path), "schema", repr(found.schema), SCHEMA)
    for change in found.changes:
        if change.task and not FOLDER.fullmatch(change.task):
            raise TaskError(str(path), "changes.task", repr(change.task), "the name of a folder beside it")
    return found


def save(folder: Path, mined: Mined) -> None:
    """Whole or not at all."""
    part = folder / f".{NAME}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(mined), indent=1) + b"\n")
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    part.replace(folder / NAME)


def tally(mined: Mined) -> tuple[tuple[str, str, int, float], ...]:
    """Rows of the yield: what came of it (a kind or "rejected"), unit or reason, how many, seconds in all; most frequent reasons first."""
    made = Counter((change.kind, str(change.unit)) for change in mined.tasks)
    lost = Counter(str(change.reason) for change in mined.changes if change.reason)
    spent: Counter[tuple[str, str]] = Counter()
    for change in mined.changes:
        spent[(change.kind, str(change.unit)) if change.task else ("rejected", str(change.reason))] += change.seconds  # type: ignore[assignment]
    rows = [(kind, unit, number, float(spent[kind, unit])) for (kind, unit), number in sorted(made.items())]
    return (*rows, *(("rejected", reason, number, float(spent["rejected", reason])) for reason, number in lost.most_common()))


def text_digest(texts: tuple[str, ...]) -> str:
    """The digest of all instructions of a task, in their order."""
    return f"sha256:{hashlib.sha256(chr(0).join(texts).encode('utf-8', 'surrogateescape')).hexdigest()}"
