"""The bytes of a user's file, where it is a file: a pipe would be waited on for ever, a device never ends."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

LARGEST: Final = 4 << 30


def read_regular(path: Path, most: int = LARGEST) -> bytes:
    """The whole file, of at most `most` bytes. Raises OSError whose strerror says what stands there instead."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        told = os.fstat(file.fileno())
        if stat.S_ISDIR(told.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(told.st_mode):
            raise OSError(errno.EINVAL, "a pipe or device", str(path))
        if told.st_size > most:
            raise OSError(errno.EFBIG, f"{told.st_size:,} bytes, more than {most:,}", str(path))
        return file.read()
