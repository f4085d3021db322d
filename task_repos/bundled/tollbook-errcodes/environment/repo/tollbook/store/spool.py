"""Messages that wait to be sent: a file each, in a folder that one process works on."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tollbook.errors import SpoolError

log = logging.getLogger("tollbook.spool")


@dataclass(frozen=True)
class Waiting:
    """A message for an office; `tries` counts how often it was sent."""

    name: str
    office: str
    body: str
    since: datetime
    tries: int = 0


class Spool:
    """A folder of waiting messages; to be opened before use and closed after."""

    def __init__(self, folder: Path, limit: int = 500) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = folder / "lock"

    def open(self) -> Spool:
        """Take the folder for this process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock.exists():
            raise SpoolError(f"spool {self._folder.name} is locked by process {self._lock.read_text()}")
        self._lock.write_text(str(os.getpid()))
        return self

    def close(self) -> None:
        """Leave the folder to others."""
        self._lock.unlink(missing_ok=True)

    def __enter__(self) -> Spool:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def names(self) -> list[str]:
        """Names of all entries, the oldest first."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def put(self, waiting: Waiting) -> None:
        """Keep a message, or replace it."""
        names = self.names()
        if waiting.name not in names and len(names) >= self._limit:
            raise SpoolError("spool is full: %s of %s entries" % (len(names), self._limit), 3)
        body = {
            "office": waiting.office,
            "body": waiting.body,
            "since": waiting.since.isoformat(),
            "tries": waiting.tries,
        }
        self._path(waiting.name).write_text(json.dumps(body), encoding="utf-8")

    def get(self, name: str) -> Waiting:
        """A message by its name."""
        path = self._path(name)
        if not path.exists():
            raise SpoolError("spool entry {} is not there".format(name), 5)
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            return Waiting(name, body["office"], body["body"], datetime.fromisoformat(body["since"]), body["tries"])
        except (ValueError, KeyError) as error:
            raise SpoolError(f"spool entry {name} is damaged", 2) from error

    def drop(self, name: str) -> None:
        """Take a message away."""
        path = self._path(name)
        if not path.exists():
            raise SpoolError(f"spool entry {name} is not there", 5)
        path.unlink()

    def entries(self) -> Iterator[Waiting]:
        """All messages that can be read; damaged ones are moved aside."""
        for name in self.names():
            try:
                yield self.get(name)
            except SpoolError as error:
                log.error("W31 spool entry %s moved aside: %s", name, error)
                self._path(name).rename(self._folder / f"{name}.damaged")

    def expire(self, now: datetime, days: int) -> list[str]:
        """Remove messages that have waited longer."""
        gone = [each.name for each in self.entries() if now - each.since > timedelta(days=days)]
        for name in gone:
            log.info("W30 spool entry %s removed after %s days", name, days)
            self.drop(name)
        return gone

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"
