"""One process at a time drives a run: a locked file in its folder, which the system frees when that process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.errors import PlanError


@contextmanager
def driving(folder: Path) -> Iterator[None]:
    """Hold the run. Raises PlanError, naming the process, when another one does."""
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(folder) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _taken(folder: Path) -> PlanError:
    process = (folder / "lock").read_text("utf-8").strip()
    return PlanError("", "RUN", f"{folder.name}, which process {process} is at", "a run at rest")


def at_rest(folder: Path) -> None:
    """Raises PlanError when a living process is at the run: before anything is asked or made for nothing."""
    if driven(folder):
        raise _taken(folder)


def driven(folder: Path) -> bool:
    """Whether a living process is at the run."""
    try:
        with (folder / "lock").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
