"""What the graphics cards of this machine are doing, as their own tool tells it; "" where there is no such tool."""

from __future__ import annotations

import shutil
import subprocess

_QUESTION = ("--query-gpu=name,driver_version,memory.used,memory.total,utilization.gpu,temperature.gpu", "--format=csv,noheader")
_PATIENCE_S = 5.0


def gpu(tool: str = "nvidia-smi") -> str:
    """A line per card: name, driver, memory used and in all, load, temperature. Never raises: a mute tool is no reason to lose a trial."""
    path = shutil.which(tool)
    if path is None:
        return ""
    try:
        done = subprocess.run([path, *_QUESTION], capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
