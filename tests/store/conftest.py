"""A file system so small that it is soon full."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """1 MB in memory, mounted for this test; skipped by name where one may not mount."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    place = tmp_path / "small"
    place.mkdir()
    done = subprocess.run(("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "longhaul-test", str(place)), check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"may not mount a small file system: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(("umount", "--lazy", str(place)), check=True)
