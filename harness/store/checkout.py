"""A recorded tree as files in a new folder of the user's: nothing in it can lead out of it, run by itself, or be half there."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from harness.store.confines import refused, straying
from harness.store.readback import EXECUTABLE, LINK, Leaf, Oddity, Readback

RIGHTS = 0o755
"""What may be kept of recorded rights: nobody else writes, and nothing runs under another's name."""
OWNERS = {"file": 0o600, "dir": 0o700}
"""What a user always keeps of their own copy, so that it can be read and removed."""


class LeftOut(msgspec.Struct, frozen=True):
    """A path that was not written, or (`written`) not wholly as it was. `path` as bytes with escapes for what is no UTF-8."""

    path: str
    why: str
    written: bool = False


class Written(msgspec.Struct, frozen=True):
    """What became of a tree: counts of files and links, bytes of content, and what was left out, by path."""

    files: int
    links: int
    size: int
    left_out: tuple[LeftOut, ...]


class _Plan(msgspec.Struct, frozen=True):
    files: dict[bytes, Leaf]
    links: dict[bytes, bytes]
    folders: dict[bytes, Oddity]
    left_out: tuple[LeftOut, ...]


def checkout(read: Readback, tree: str, extra: str, folder: Path) -> Written:
    """Write the tree into `folder`, which must not be there; at once or not at all.

    Files are written first, into a folder that only its owner can enter; links last, and none is ever followed.
    Raises StoreError for a damaged record, FileExistsError, and OSError where the disk refuses.
    """
    if os.path.lexists(folder):
        raise FileExistsError(folder)
    odd = read.oddities(extra)
    plan = _planned(read, tree, odd)
    # A random name of its own: nobody can have put a link in its place.
    fresh = Path(tempfile.mkdtemp(prefix=".longhaul-checkout-", dir=folder.parent))
    try:
        size = _fill(read, plan, fresh, odd)
        fresh.chmod(0o777 & ~_umask())
        _settle(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return Written(len(plan.files), len(plan.links), size, plan.left_out)


def _settle(fresh: Path, folder: Path) -> None:
    """A folder made meanwhile is not replaced, not even an empty one, which rename(2) would do."""
    if os.path.lexists(folder):
        raise FileExistsError(folder)
    fresh.rename(folder)


def _planned(read: Readback, tree: str, odd: Mapping[str, Oddity]) -> _Plan:
    every = read.files(tree)
    dirs = {path.encode(): one for path, one in odd.items() if one.kind == "dir" and _lawful(path)}
    barred = refused([*every, *dirs])
    links = {path: read.content(leaf.oid) for path, leaf in every.items() if leaf.mode == LINK and path not in barred}
    strays = straying(links, [path for path, leaf in every.items() if leaf.mode != LINK])
    gone = [LeftOut(_name(path), why) for path, why in (barred | strays).items() if path in every]
    files = {path: leaf for path, leaf in every.items() if leaf.mode != LINK and path not in barred}
    kept = {path: target for path, target in links.items() if path not in strays}
    folders = {path: one for path, one in dirs.items() if path not in barred and path not in every}
    return _Plan(files, kept, folders, tuple(sorted((*gone, *_odd(odd)), key=lambda left: left.path)))


def _odd(odd: Mapping[str, Oddity]) -> list[LeftOut]:
    """What the manifest alone knows of: nothing of it can be written, but for the folders."""
    found = []
    for path, one in odd.items():
        special = int(one.mode, 8) & 0o7000 if one.kind in ("file", "dir") else 0
        if one.kind == "special":
            found.append(LeftOut(path, f"a {_kind_of(one.mode)}"))
        elif one.kind == "unreadable":
            found.append(LeftOut(path, "it could not be read when the tree was recorded"))
        elif one.kind == "file" and len(one.oid) != 40:
            found.append(LeftOut(path, f"only the digest of its {one.size} bytes was recorded"))
        elif one.kind == "dir" and not _lawful(path):
            found.append(LeftOut(path, "a folder whose name was not recorded byte for byte"))
        elif special:
            found.append(LeftOut(path, f"written without its {_bits(special)}", written=True))
    return found


def _kind_of(mode: str) -> str:
    kind = stat.S_IFMT(int(mode, 8))
    return {stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}.get(kind, "pipe, socket or device")


def _bits(mode: int) -> str:
    names = ((stat.S_ISUID, "setuid"), (stat.S_ISGID, "setgid"), (stat.S_ISVTX, "sticky"))
    return " and ".join(name for bit, name in names if mode & bit) + " bit"


def _lawful(path: str) -> bool:
    """A relative path that its words give exactly: one with escapes may stand for other bytes."""
    return "\\" not in path and "\0" not in path and not {"", ".", ".."} & set(path.split("/"))


def _name(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _fill(read: Readback, plan: _Plan, fresh: Path, odd: Mapping[str, Oddity]) -> int:
    root, size = os.fsencode(fresh), 0
    above = {path.rpartition(b"/")[0] for path in (*plan.files, *plan.links)}
    for path in _with_parents({*above, *plan.folders}):
        os.mkdir(root + b"/" + path)  # noqa: PTH102  (names are bytes)
    for path, leaf in plan.files.items():
        data = read.content(leaf.oid)
        _file(root + b"/" + path, data, _rights(odd.get(_name(path)), 0o755 if leaf.mode == EXECUTABLE else 0o644, "file"))
        size += len(data)
    for path, target in plan.links.items():
        os.symlink(target, root + b"/" + path)  # noqa: PTH211
    for path, one in plan.folders.items():
        os.chmod(root + b"/" + path, _rights(one, 0o755, "dir") & ~_umask(), follow_symlinks=False)  # noqa: PTH101
    return size


def _with_parents(paths: set[bytes]) -> list[bytes]:
    """Every folder on the way to each, shortest first."""
    every = {path[:at] for path in paths for at, byte in enumerate(path) if byte == 0x2F} | paths
    return sorted(every - {b""}, key=len)


def _rights(one: Oddity | None, usual: int, kind: str) -> int:
    recorded = int(one.mode, 8) if one and one.kind == kind else usual
    return (recorded & RIGHTS) | OWNERS[kind]


def _file(path: bytes, data: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(data)


def _umask() -> int:
    """The process's own; there is no way to ask but to set it."""
    now = os.umask(0o077)
    os.umask(now)
    return now
