"""One run at a time on one store: two at once would ask the same models, share one machine, and time each other instead of the models."""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.cli.running import locked
from harness.cli.running.locked import Flock
from harness.core.errors import PlanError
from harness.core.ports import Say
from harness.settings import Settings

LOCK = "lock"
LOOK_S = 0.2
BEGINNING = "a run that is being made ready"


@contextmanager
def occupying(
    settings: Settings, what: str = BEGINNING, *, wait_s: float = 0.0, say: Say = lambda _text: None, flock: Flock = fcntl.flock
) -> Iterator[None]:
    """Hold the store of this home until the end, within a process as often as it likes; `what` is told to whoever finds it taken.

    `wait_s`: seconds to wait for one's turn, math.inf for as long as it takes; it is said once, to `say`, for whom one waits.
    Raises PlanError, naming the run and the process, when another one is at it still.
    """
    path, words = settings.home / LOCK, f"{os.getpid()}\n{_machine(settings)}\n{what}\n"
    with locked.held(path, words, _waiting(path, settings, _patience(wait_s), say), flock=flock):
        if what != BEGINNING:
            locked.write(path, words)
        yield


def _patience(wait_s: float) -> float:
    if math.isnan(wait_s) or wait_s < 0:
        raise PlanError("", "--wait", wait_s, "seconds, 0 or more (inf: as long as it takes)")
    return wait_s


def _waiting(path: Path, settings: Settings, wait_s: float, say: Say) -> Callable[[], None]:
    told: list[str] = []
    began = time.monotonic()

    def wait() -> None:
        who = _who(path, settings)
        if time.monotonic() - began >= wait_s:
            expected = "one run at a time: wait for its end (`run` and `resume` take --wait SECONDS), or another LONGHAUL_HOME"
            raise PlanError(str(settings.home), "LONGHAUL_HOME", who, expected)
        if not told:
            told.append(who)
            say(f"waiting for {who}")
        time.sleep(LOOK_S)

    return wait


def _who(path: Path, settings: Settings) -> str:
    """The holder as it says of itself; between taking the lock and saying so it is nobody in particular."""
    number, machine, what = (*locked.words(path), "", "", "")[:3]
    if not what:
        return "another process"
    where = "" if machine == _machine(settings) else f" on {machine}"
    return f"process {number}{where}, which is at {what}"


def _machine(settings: Settings) -> str:
    return settings.host.partition(" ")[0]
