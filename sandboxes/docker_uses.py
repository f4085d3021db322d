"""When each image was last used, how large it is, what a name meant, and which images living processes hold: small files in the cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import time
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from docker.models.images import Image

from harness.core.ports import Say

USED: Final = "image-uses"
HELD: Final = "images-held"


class Use(msgspec.Struct, frozen=True):
    """An image by its name, with the id and the bytes that it had when it was last used, seconds since 1970."""

    name: str
    digest: str
    size: int
    at: float


class Uses:
    """Of one cache folder. What this process notes it holds until it ends, also when it is killed: a lock goes with its holder."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def note(self, name: str, image: Image, say: Say) -> Image:
        """Used now, and held; gives it back. Says so where the name meant another image the last time."""
        digest = str(image.id)
        before = self.find(name)
        if before is not None and before.digest != digest:
            day = time.strftime("%Y-%m-%d", time.localtime(before.at))
            say(f"{name} is another image than when it was last used, on {day}: {digest[7:19]}, then {before.digest[7:19]}")
        now = Use(name, digest, int(image.attrs.get("Size") or 0), time.time())
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        part.write_bytes(msgspec.json.encode(now))
        part.replace(path)
        self._hold(name)
        return image

    def find(self, name: str) -> Use | None:
        try:
            return msgspec.json.decode(self._path(name).read_bytes(), type=Use)
        except (OSError, msgspec.DecodeError):
            return None

    def held(self, *, own: bool = True) -> frozenset[str]:
        """Names that living processes hold, this one too unless `own` is False; what dead ones left is removed."""
        names: set[str] = set()
        for path in (self._cache / HELD).glob("*.names"):
            if not own and path.name.startswith(f"{os.getpid()}-"):
                continue
            if is_free(path):
                path.unlink(missing_ok=True)
            else:
                names |= set(path.read_text(encoding="utf-8").splitlines())
        return frozenset(names)

    def _path(self, name: str) -> Path:
        return self._cache / USED / hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:40]

    def _hold(self, name: str) -> None:
        os.write(holding(self._cache / HELD, os.getpid()), f"{name}\n".encode("utf-8", "surrogateescape"))


@cache
def holding(folder: Path, pid: int) -> int:
    """A descriptor of the process's own list, open and locked until it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / f"{pid}-{secrets.token_hex(4)}.names", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def is_free(path: Path) -> bool:
    """Whether nobody holds the file's lock any more."""
    try:
        with path.open() as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True
    return True
