"""What a process that imports the package swebench is given of this machine: a folder of its own, and nothing of our environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]


def surroundings(room: str) -> dict[str, str]:
    """Its environment. The package looks for files of settings on its way up, and for a hub to ask: both are turned off."""
    return {
        "PATH": "/usr/bin:/bin", "HOME": room, "HF_HOME": room, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
        "PYTHON_DOTENV_DISABLED": "1", "HF_HUB_OFFLINE": "1",
    }  # fmt: skip


def said(stderr: bytes) -> str:
    """The last line of a child's complaint. Pure."""
    return stderr.decode(errors="replace").strip().rpartition("\n")[2] or "no word"
