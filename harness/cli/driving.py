"""One process at a time drives a run: a locked file in its folder, which the system frees when that process dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from harness.core.errors import PlanError

LOOK_S = 0.01


@contextmanager
def driving(folder: Path) -> Iterator[None]:
    """Hold the run; a process that holds it may say so again. Raises PlanError, naming the process, when another one does."""
    with (folder / "lock").open("a+") as file:
        while not _locked(file):
            if _holder(folder) == str(os.getpid()):
                yield
                return
            at_rest(folder)
            time.sleep(LOOK_S)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _locked(file: IO[str]) -> bool:
    """Whether we hold it now. Who only asks whether the run is driven shares it for a moment, and drives nothing."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(folder: Path) -> str:
    return (folder / "lock").read_text("utf-8").strip()


def _taken(folder: Path) -> PlanError:
    return PlanError("", "RUN", f"{folder.name}, which process {_holder(folder)} is at", "a run at rest")


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
