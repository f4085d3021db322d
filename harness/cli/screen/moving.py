"""A picture at the foot of the terminal that keeps moving by itself, while lines are printed above it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rich.console import Console, RenderableType
from rich.live import Live

EVERY_S = 0.25


class Moving:
    """Draws what `get` returns, four times a second, from a thread of its own: the clock goes on while nobody says anything.

    Rich's own drawing thread is not used: it and a line printed meanwhile both move the cursor from the same place, and leave half a
    picture behind. Who prints a line holds `still`.
    """

    def __init__(self, console: Console, get: Callable[[], RenderableType]) -> None:
        self.still = threading.RLock()  # a signal may want to print while the same thread is printing
        self._live = Live(console=console, get_renderable=get, auto_refresh=False, transient=True)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._move, daemon=True)

    def start(self) -> None:
        self._live.start(refresh=True)
        self._thread.start()

    def stop(self) -> None:
        """The picture goes; what was printed stays."""
        self._over.set()
        self._thread.join()
        self._live.stop()

    def draw(self) -> None:
        with self.still:
            self._live.refresh()

    def _move(self) -> None:
        while not self._over.wait(EVERY_S):
            self.draw()
