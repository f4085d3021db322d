"""What a fork needs beside commands: recorded paths as tars to lay, and which of the engine's changes are outside the workspace. Pure."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from harness.core.machine import TreeEntry, User
from sandboxes.docker_policy import WARDEN

AT_ONCE: Final = 32 << 20
"""Bytes of content in one tar: both ends hold it in memory."""
MODIFIED: Final = 0
_KINDS: Final = {"dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "special": tarfile.FIFOTYPE}
_OURS: Final = (
    WARDEN.rpartition("/")[0], "/proc", "/sys", "/dev", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/.dockerenv",
)  # fmt: skip
# Of the engine's making, and as old as the container.
_SINCE: Final = "/etc/hostname"
_EVERYBODYS: Final = ("/tmp", "/var/tmp", "/var/lock", "/run/lock")  # noqa: S108  named, not used
FIND: Final = ("find", "/", "-xdev", "-mindepth", "1", "(", "-path", _SINCE, "-o", "-cnewer", _SINCE, ")", "-print0")


def tars(entries: Iterable[TreeEntry], folder: str, user: User) -> Iterator[bytes]:
    """The entries of a folder in their order, in as many tars as their size asks for, to be laid over "/"; everything is the agent's own.

    Refused: laying them over the folder itself, where the engine takes no link that leads out of it.
    """
    held: list[TreeEntry] = []
    size = 0
    for entry in entries:
        held.append(entry)
        size += len(entry.data or b"")
        if size >= AT_ONCE:
            yield _tar(held, folder, user)
            held, size = [], 0
    if held:
        yield _tar(held, folder, user)


def _tar(entries: Iterable[TreeEntry], folder: str, user: User) -> bytes:
    out = io.BytesIO()
    # GNU's form holds names as the bytes they are; the other one would have to say them in UTF-8.
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as tar:
        for entry in entries:
            _add(tar, entry, folder.strip("/"), user)
    return out.getvalue()


def _add(tar: tarfile.TarFile, entry: TreeEntry, folder: str, user: User) -> None:
    info = tarfile.TarInfo(f"{folder}/{os.fsdecode(entry.path)}".strip("/"))
    info.type = _KINDS.get(entry.kind, tarfile.REGTYPE)
    info.mode, info.uid, info.gid = stat.S_IMODE(entry.mode), user.uid, user.gid
    data = entry.data or b""
    if entry.kind == "link":
        info.linkname = os.fsdecode(data)
    elif entry.kind == "file":
        info.size = len(data)
    tar.addfile(info, io.BytesIO(data) if entry.kind == "file" else None)


def outside(changes: Sequence[tuple[str, int]], workdir: str) -> tuple[str, ...]:
    """The changed paths that are neither the workdir's nor ours; a folder that only holds another change is none itself."""
    above = {parent for path, _ in changes for parent in _parents(path)}
    homes = (workdir.rstrip("/"), *_OURS)
    told = (path for path, kind in changes if kind != MODIFIED or path not in above)
    return tuple(sorted(path for path in told if not any(path == home or path.startswith(f"{home}/") for home in homes)))


def younger(found: bytes) -> list[tuple[str, int]] | None:
    """FIND's answer as changes: what is younger than the container. None for a find that knows less and names not even its mark.

    A folder for everybody's temporary files is no change by itself: what came into it and went again leaves it young.
    """
    paths = [os.fsdecode(path) for path in found.split(b"\0") if path]
    above = {parent for path in paths for parent in _parents(path)}
    kept = [(path, MODIFIED) for path in paths if path not in _EVERYBODYS or path in above]
    return kept if _SINCE in paths else None


def _parents(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)
