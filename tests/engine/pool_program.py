"""A worker for the pool's tests: each trial's name says what becomes of it. Run as a program, it is a nursery of such workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from harness.engine.nursery import is_nursery, tend

STOP: list[int] = []


def serve(parent: int) -> None:
    """Trials: `plain` settles, `gone-...` finds its model gone, `die` exits with 3, `dieonce-FILE` does so the first time, `wait` lives until SIGTERM or its parent's end."""
    signal.signal(signal.SIGTERM, lambda *_: STOP.append(1))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for word in sys.stdin.buffer:
        name = word.decode().strip()
        say(name, "TrialStarted")
        if name.startswith("wait"):
            while not STOP and os.getppid() == parent:
                time.sleep(0.01)
            say(name, "Interrupted")
            return
        if name == "die" or (name.startswith("dieonce-") and not (mark := Path(name.partition("-")[2])).exists()):
            if name != "die":
                mark.touch()
            os._exit(3)
        say(name, "ModelGone" if name.startswith("gone-") else "Settled")


def say(trial: str, event: str) -> None:
    text = f"{os.getpid()} {os.getppid()}"
    os.write(1, f'{{"trial": "{trial}", "event": "{event}", "text": "{text}"}}\n'.encode())


if __name__ == "__main__":
    if is_nursery():
        tend(serve)
    else:
        serve(os.getppid())
