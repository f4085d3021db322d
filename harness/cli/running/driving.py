"""One process at a time drives a run: a locked file in its folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.cli.running import locked
from harness.core.errors import PlanError

LOOK_S = 0.01


@contextmanager
def driving(folder: Path) -> Iterator[None]:
    """Hold the run; a process that holds it may say so again.

    Raises PlanError, naming the process, when another one does, and for a run that a pruning removed meanwhile: its folder must not come back.
    """

    def wait() -> None:
        at_rest(folder)
        time.sleep(LOOK_S)

    with locked.held(folder / "lock", f"{os.getpid()}\n", wait, make=False):
        yield


def at_rest(folder: Path) -> None:
    """Raises PlanError when a living process is at the run: before anything is asked or made for nothing."""
    if driven(folder):
        number = " ".join(locked.words(folder / "lock")[:1])
        raise PlanError("", "RUN", f"{folder.name}, which process {number} is at", "a run at rest")


def driven(folder: Path) -> bool:
    """Whether a living process is at the run."""
    return locked.taken(folder / "lock")
