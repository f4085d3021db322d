"""A home on a file system of a few megabytes, with a file in it that takes up all the rest."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 16 << 20


@contextmanager
def small_disk(home: Path) -> Iterator[None]:
    """Mounted on `home` for as long as the context; unmounted whatever happened. Needs root."""
    home.mkdir(parents=True)
    subprocess.run(("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "longhaul-test", str(home)), check=True)
    try:
        yield
    finally:
        subprocess.run(("umount", "--lazy", str(home)), check=True)


def fill(home: Path) -> None:
    """Take all space there is, whoever else is writing."""
    with (home / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError as full:
            if full.errno != errno.ENOSPC:
                raise


def make_space(home: Path) -> None:
    (home / "filler").unlink()
