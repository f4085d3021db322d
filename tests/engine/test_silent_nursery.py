"""A nursery that is dying is not asked for another worker."""

from __future__ import annotations

import signal
import subprocess

from harness.engine.nursery import Nursery

DYING = ("sh", "-c", "exec 0<&-; exec sleep 1")
"""Its end of the channel is closed, and it is still a process: what a killed one is for a moment."""


def test_a_dying_nursery_is_replaced() -> None:
    """The end of its worker tells that it is gone, before the system does; a trial asked of it once more would die with it a second time."""
    with Nursery(DYING, subprocess.DEVNULL) as nursery:
        first = nursery()
        assert first.lines() is None
        assert first.gone() == -signal.SIGKILL
        second = nursery()
        assert second.process.cord is not first.process.cord
        second.gone()
