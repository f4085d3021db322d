"""The audit log: records chained by hashes, kept as JSON lines.

The format is older than this package and other programs read it.  ``action`` is one of
``post``, ``post_split`` and ``reverse``; the keys in ``args`` belong to the action, and
``result`` is the number of the entry that was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from ledgerlite.errors import StorageError

ACTIONS = ("post", "post_split", "reverse")
START = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One action of one user; ``args`` holds only JSON values."""

    sequence: int
    at: str
    user: str
    action: str
    args: dict[str, object]
    result: int
    previous: str

    def body(self) -> dict[str, object]:
        return {
            "sequence": self.sequence, "at": self.at, "user": self.user, "action": self.action,
            "args": self.args, "result": self.result, "previous": self.previous,
        }

    @property
    def digest(self) -> str:
        """Hash over the record and, through ``previous``, over all before it."""
        text = json.dumps(self.body(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def utc_now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


class AuditLog:
    """An append-only list of records, mirrored in a file when a path is given."""

    def __init__(self, path: Path | None = None, clock: Callable[[], str] = utc_now) -> None:
        self.path = path
        self.clock = clock
        self._records: list[AuditRecord] = []
        if path is not None and path.exists():
            self._records = list(read_log(path))

    def append(self, user: str, action: str, args: dict[str, object], result: int) -> AuditRecord:
        if action not in ACTIONS:
            raise StorageError(f"unknown audit action {action!r}")
        previous = self._records[-1].digest if self._records else START
        record = AuditRecord(
            len(self._records) + 1, self.clock(), user, action, args, result, previous
        )
        self._records.append(record)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as sink:
                sink.write(json.dumps(record.body(), sort_keys=True) + "\n")
        return record

    def by_user(self, user: str) -> list[AuditRecord]:
        return [record for record in self._records if record.user == user]

    def for_entry(self, number: int) -> AuditRecord | None:
        """The record of the action that made an entry."""
        return next((r for r in self._records if r.result == number), None)

    def __iter__(self) -> Iterator[AuditRecord]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def read_log(path: Path) -> Iterator[AuditRecord]:
    """Records of a file; raises StorageError for bad JSON or a broken chain."""
    previous = START
    with path.open(encoding="utf-8") as source:
        for number, line in enumerate(source, start=1):
            try:
                record = AuditRecord(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise StorageError(f"{path} line {number}: {error}") from error
            if record.previous != previous or record.sequence != number:
                raise StorageError(f"{path} line {number}: the chain is broken")
            previous = record.digest
            yield record


def summary(log: AuditLog) -> dict[tuple[str, str], int]:
    """Number of records by user and action."""
    counts: dict[tuple[str, str], int] = {}
    for record in log:
        key = (record.user, record.action)
        counts[key] = counts.get(key, 0) + 1
    return counts
