"""Waits for an answer no longer than it said: a server that drips byte after byte is never silent, and so never late by its own clock."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from harness.core.errors import HarnessError

Found = TypeVar("Found")
GRACE_S = 1.0
"""More than was allowed: who bounds itself shall say better why it ended."""


class HungError(HarnessError):
    """What was asked goes on without us."""


def within(seconds: float, ask: Callable[[], Found]) -> Found:
    """What `ask` gives or raises. Raises HungError after so many seconds; its thread is left behind, and holds up no process that ends."""
    told: queue.SimpleQueue[tuple[Found | None, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            told.put((ask(), None))
        except BaseException as fault:  # noqa: BLE001  whatever it was belongs to who asked
            told.put((None, fault))

    threading.Thread(target=run, daemon=True).start()
    try:
        found, fault = told.get(timeout=seconds + GRACE_S)
    except queue.Empty:
        raise HungError(f"neither an answer nor an end within {seconds:.0f} s") from None
    if fault is not None:
        raise fault
    return found  # type: ignore[return-value]
