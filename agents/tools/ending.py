"""How a command ended, in one line for the model; pure."""

from __future__ import annotations

from harness.core.machine import Ended


def ending(ended: Ended, *, exit_code: int, seconds: int, killed: int) -> str:
    """Without brackets: exit code, or what stopped the command after how many `seconds` allowed."""
    match ended:
        case Ended.EXITED:
            return f"exit code {exit_code}"
        case Ended.DEADLINE:
            return f"killed at its limit of {seconds} s, {killed} processes ended"
        case Ended.MEMORY:
            return f"out of memory: the kernel killed processes while it ran; exit code {exit_code}"
        case Ended.DISK:
            return f"the disk is full; exit code {exit_code}"
