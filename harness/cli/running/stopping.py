"""How a worker learns that it is to stop: by a signal, or by the end of the process that started it."""

from __future__ import annotations

import math
import os
import signal
import time

from harness.engine.world import Interrupted

TICK_S = 1.0
GRACE_S = 7.0
"""So that trials are pending and containers gone within ten seconds of the first Ctrl-C."""
AGAIN_S = 5.0


class Stopping:
    """Whether the user asked to stop. `parent`: the process id of who started us.

    A clock strikes every second, so that a command or a silent server can't hold a stopping worker up: after the grace it is cut short.
    """

    def __init__(self, parent: int) -> None:
        self._since: float | None = None
        self._parent = parent
        self._cut = math.inf
        self.busy = False
        signal.signal(signal.SIGTERM, lambda *_: self._note())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, lambda *_: self._tick())
        signal.setitimer(signal.ITIMER_REAL, TICK_S, TICK_S)
        # A forked worker begins with it held back, so that none is lost before there is an ear for it.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _note(self) -> None:
        if self._since is None:
            self._since = time.monotonic()
            self._cut = self._since + GRACE_S

    def _tick(self) -> None:
        """Raise through whatever is under way; once more later, should somebody have swallowed it."""
        if self() is not None and self.busy and (time.monotonic() >= self._cut):
            self._cut = time.monotonic() + AGAIN_S
            raise Interrupted("stopped by the user during a command or a reply")

    def __call__(self) -> float | None:
        if os.getppid() != self._parent:
            self._note()
            self._cut = min(self._cut, self._since or 0.0)
        return None if self._since is None else time.monotonic() - self._since
