"""The cache of built servers: one folder per recipe, one builder at a time, whole or absent."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def cache_folder() -> Path:
    """The folder everything built for the tests lives in; it may be deleted at any time and moved between machines."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "longhaul" / "services"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; the lock goes with its holder, so a killed builder leaves none behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def kept(key: str, build: Callable[[Path, Path], None]) -> Path:
    """The folder `key`, made by `build(stage, work)` unless it is there.

    `stage` becomes the folder in one rename; `work` is scratch that outlives a failed build, so that the next
    try goes on from it, and goes after a good one.
    """
    folder = cache_folder() / key
    with locked(cache_folder() / f"{key}.lock"):
        if folder.is_dir():
            return folder
        stage, work = folder.with_name(f"{key}.stage"), folder.with_name(f"{key}.work")
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        work.mkdir(exist_ok=True)
        build(stage, work)
        stage.rename(folder)
        shutil.rmtree(work, ignore_errors=True)
    return folder
