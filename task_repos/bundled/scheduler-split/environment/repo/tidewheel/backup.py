"""Copies of a state file, kept thinner the older they are."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tidewheel.core import StoreError, _write_whole, now, open_store

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(?P<stem>.+)\.(?P<stamp>\d{8}T\d{6}Z)\.bak")
KEEP_ALL = timedelta(days=1)
KEEP_DAILY = timedelta(days=30)


def back_up(state: Path, folder: Path) -> Path:
    """Copy a state file under a name with the present moment; raises StoreError, also when the state cannot be read."""
    if not state.exists():
        raise StoreError(state, "there is nothing to back up")
    open_store(str(state)).load()
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{state.name}.{now().strftime(_STAMP)}.bak"
    _write_whole(copy, state.read_bytes())
    return copy


def backups(state: Path, folder: Path) -> list[tuple[datetime, Path]]:
    """The backups of a state file, oldest first."""
    found = []
    for path in folder.glob("*.bak"):
        match = _NAME.fullmatch(path.name)
        if match and match["stem"] == state.name:
            found.append((datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC), path))
    return sorted(found)


def thin_out(state: Path, folder: Path) -> list[Path]:
    """Remove what is no longer needed and return it.

    Everything of the last day stays, of the last 30 days the newest of each day, of the time before the newest of each month.
    """
    present = now()
    kept: set[str] = set()
    removed = []
    for moment, path in reversed(backups(state, folder)):
        age = present - moment
        if age <= KEEP_ALL:
            continue
        slot = f"{moment:%Y-%m-%d}" if age <= KEEP_DAILY else f"{moment:%Y-%m}"
        if slot in kept:
            path.unlink()
            removed.append(path)
        kept.add(slot)
    return sorted(removed)


def restore(state: Path, folder: Path, before: datetime | None = None) -> Path:
    """Put the newest backup (made before a moment) in the place of the state file; raises StoreError without one."""
    fitting = [path for moment, path in backups(state, folder) if before is None or moment < before]
    if not fitting:
        raise StoreError(state, "there is no backup to restore")
    _write_whole(state, fitting[-1].read_bytes())
    return fitting[-1]
