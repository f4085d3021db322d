"""A locked file that one process holds: the system frees it when that process ends, however it ends, so no lock outlives a kill -9."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from harness.core.errors import PlanError

Flock = Callable[[int, int], None]
TAKEN = frozenset({errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK})
_HELD: set[str] = set()
"""What this process holds: a number in the file would not tell two containers with the same process numbers apart."""


@contextmanager
def held(path: Path, words: str, wait: Callable[[], None], *, make: bool = True, flock: Flock = fcntl.flock) -> Iterator[None]:
    """Hold the lock, with `words` for those who find it taken; a process that holds it may say so again.

    `make`: its folder, where there is none. `wait` is called each time somebody else has it, and raises to give up. Raises PlanError where no file can be locked.
    """
    name = os.path.realpath(path)
    if name in _HELD:
        yield
        return
    new = not path.parent.exists()
    with _ours(path, wait, flock, make=make):
        write(path, words)
        _HELD.add(name)
        try:
            yield
        finally:
            _HELD.discard(name)
            if new:
                _undone(path)


def _ours(path: Path, wait: Callable[[], None], flock: Flock, *, make: bool) -> IO[str]:
    """The file, locked: the one that bears the name now, for who held it before may have taken it away."""
    while True:
        with ExitStack() as stack:
            file = stack.enter_context(_opened(path, make=make))
            while not _locked(file, path, flock):
                wait()
            if _is(file, path):
                stack.pop_all()
                return file


def _is(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _undone(path: Path) -> None:
    """Where the folder was made for the lock alone, and nothing came into it, nothing is left: a slip of the finger makes no store."""
    with suppress(OSError):
        if [each.name for each in path.parent.iterdir()] == [path.name]:
            path.unlink()
            path.parent.rmdir()


def write(path: Path, words: str) -> None:
    """What the holder says of itself; on a full disk it says nothing, and holds the lock all the same."""
    with suppress(OSError), path.open("r+", encoding="utf-8") as file:
        file.truncate(0)
        file.write(words)


def words(path: Path) -> list[str]:
    """What the holder said of itself, line by line."""
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _opened(path: Path, *, make: bool) -> IO[str]:
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as fault:
        raise PlanError(str(path.parent), "LONGHAUL_HOME", fault.strerror or str(fault), "a folder that can be written") from fault


def _locked(file: IO[str], path: Path, flock: Flock) -> bool:
    """Whether we hold it now. Who only asks whether it is held shares it for a moment, and drives nothing."""
    try:
        flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        if fault.errno in TAKEN:
            return False
        found = f"a file system that locks no files ({fault.strerror})"
        raise PlanError(str(path.parent), "LONGHAUL_HOME", found, "a folder on a disk of this machine") from fault
    return True


def taken(path: Path) -> bool:
    """Whether a living process holds it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
