"""Faults of disk and database as the caller is to hear them: one sentence, and a full disk told apart from all others."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import tempfile
from pathlib import Path

from harness.core.errors import StoreError, StoreFullError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_PROBE = 64 << 10
_UNSURE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
"""What SQLite says where a quota or the inodes are used up: it keeps the system's own number to itself."""


def named(path: Path, doing: str, fault: Exception) -> StoreError:
    """The fault of `doing` ("could not be written") at `path`, as StoreFullError where there is no room."""
    if _no_room(path.parent, fault):
        return StoreFullError(f"{path}: {doing}: no room is left on its disk")
    return StoreError(f"{path}: {doing}: {_words(fault)}")


def _words(fault: Exception) -> str:
    if isinstance(fault, subprocess.CalledProcessError):
        return _said(fault).strip() or str(fault)
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault)


def _said(fault: subprocess.CalledProcessError) -> str:
    said = fault.stderr or b""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _no_room(folder: Path, fault: Exception) -> bool:
    if isinstance(fault, OSError):
        return fault.errno in NO_ROOM
    if isinstance(fault, subprocess.CalledProcessError):
        return any(os.strerror(number) in _said(fault) for number in NO_ROOM)
    code = getattr(fault, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or (code in _UNSURE and _probed(folder))


def _probed(folder: Path) -> bool:
    """Whether a few bytes more can't be written here."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\1" * _PROBE)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        return fault.errno in NO_ROOM
    return False
