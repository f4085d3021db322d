"""Folders for what is half made: a killed process's go with the next who makes one there, a living one's stay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.exchange.scratch import scratch

ROOT = Path(__file__).resolve().parents[2]
HOLDER = (
    "import sys, signal\nfrom pathlib import Path\nfrom harness.exchange.scratch import scratch\n"
    "with scratch(Path(sys.argv[1]), '.made-') as room:\n    (room / 'half').write_text('x')\n    print(room, flush=True)\n    signal.pause()\n"
)


def test_what_a_killed_process_left_goes(tmp_path: Path) -> None:
    """Not while it lives; and a link of that name leads nobody astray."""
    (tmp_path / "other").mkdir()
    (tmp_path / ".made-link").symlink_to(tmp_path / "other")
    (tmp_path / "mine").write_text("mine")
    argv = (sys.executable, "-c", HOLDER, str(tmp_path))
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}) as holder:
        assert holder.stdout is not None
        held = Path(holder.stdout.readline().strip())
        with scratch(tmp_path, ".made-") as room:
            assert (held / "half").is_file()
            assert room != held
        holder.send_signal(signal.SIGKILL)
    with scratch(tmp_path, ".made-"):
        assert not held.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".made-link", "mine", "other"]


def test_a_fault_leaves_nothing(tmp_path: Path) -> None:
    """The folder goes with whatever ends its use."""
    with pytest.raises(FileNotFoundError), scratch(tmp_path, ".made-") as room:
        (room / "half" / "made").mkdir()
    assert not list(tmp_path.iterdir())
