"""Files that a user asked for: whole or not at all, and never in place of what is no plain file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from harness.core.errors import PlanError


def land(path: Path, data: bytes, option: str) -> Path:
    """Write the file and tell where it stands. Raises PlanError, naming the option, where nothing can be written; then nothing has changed."""
    try:
        if path.exists() and not path.is_file():
            raise PlanError(str(path), option, "a folder" if path.is_dir() else "no plain file", "the name of a file to write")
        path.parent.mkdir(parents=True, exist_ok=True)
        _written(path, data)
    except OSError as fault:
        raise PlanError(str(path), option, fault.strerror or str(fault), "a place where a file can be written") from fault
    return path


def _written(path: Path, data: bytes) -> None:
    """Beside its place first; a link's target is replaced, not the link."""
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:200]}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def folder(path: Path, option: str) -> Path:
    """A folder to write files into, made where it is not there. Raises PlanError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise PlanError(str(path), option, "no folder" if path.exists() else fault.strerror or str(fault), "a folder, or a name for a new one") from fault
    return path
