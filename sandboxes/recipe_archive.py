"""An sdist's archive read as data: every name is judged before anything is written, and sizes are counted while they unfold."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from harness.core.errors import TaskError

MEMBERS: Final = 100_000
UNFOLDED_BYTES: Final = 1 << 30
# Packaging's own notes, not the project's files; the install step makes them again.
LEFT_OUT: Final = ".egg-info"


class Member(msgspec.Struct, frozen=True):
    """A file (`data`), or a link (`target`), at a path relative to the project's top."""

    path: str
    data: bytes = b""
    target: str = ""
    executable: bool = False


class RefusedError(Exception):
    """Why an archive is not taken."""


class Counted(io.RawIOBase):
    """Reads through to a decompressor until the bound is passed, so that a bomb goes off unheard."""

    def __init__(self, source: gzip.GzipFile, bound: int) -> None:
        self.source, self.left = source, bound

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self.left:
            raise RefusedError(f"it unfolds to more than {UNFOLDED_BYTES} bytes")
        data = self.source.read(size)
        self.left -= len(data)
        return data


def read_archive(archive: Path, where: str, *, bound: int = UNFOLDED_BYTES) -> tuple[Member, ...]:
    """The members without the top folder; raises TaskError for anything but files, folders and links that stay inside."""
    try:
        with gzip.open(archive) as unzipped, tarfile.open(fileobj=Counted(unzipped, bound), mode="r|") as tar:
            return tuple(take(tar))
    except RefusedError as fault:
        raise TaskError(where, archive.name, str(fault), "a source distribution that stays in its own folder") from fault
    except (tarfile.TarError, OSError, EOFError, zlib.error, UnicodeError, ValueError) as fault:
        raise TaskError(where, archive.name, f"{type(fault).__name__}: {fault}", "a .tar.gz archive") from fault


def take(tar: tarfile.TarFile) -> Iterator[Member]:
    """Judge and read one member after the other; raises RefusedError."""
    files: set[str] = set()
    for count, info in enumerate(tar):
        if count >= MEMBERS:
            raise RefusedError(f"it has more than {MEMBERS} members")
        path = inner_path(info.name)
        if info.isdir() or path is None:
            continue
        if any(str(parent) in files for parent in PurePosixPath(path).parents) or path in files:
            raise RefusedError(f"member {info.name!r} lies on or under another file or link")
        files.add(path)
        yield read_member(tar, info, path)


def inner_path(name: str) -> str | None:
    """The path below the archive's top folder, None for what is left out; raises RefusedError."""
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\0" in name or "\\" in name:
        raise RefusedError(f"member {name!r} leads outside")
    if any(part.lower() == ".git" for part in parts):
        raise RefusedError(f"member {name!r} would steer git")
    if len(parts) < 2 or any(part.endswith(LEFT_OUT) for part in parts):
        return None
    return "/".join(parts[1:])


def read_member(tar: tarfile.TarFile, info: tarfile.TarInfo, path: str) -> Member:
    """Raises RefusedError for devices, pipes, hard links, and links that may lead outside."""
    if info.issym():
        return Member(path=path, target=inner_target(path, info.linkname))
    source = tar.extractfile(info) if info.isreg() else None
    if source is None:
        raise RefusedError(f"member {info.name!r} is neither file, folder nor inner link")
    return Member(path=path, data=source.read(), executable=bool(info.mode & 0o100))


def inner_target(path: str, target: str) -> str:
    """The target if it climbs no higher than the top. Once it goes down it may not climb again: another link could be on the way."""
    parts = PurePosixPath(target).parts
    climbs = next((n for n, part in enumerate(parts) if part != ".."), len(parts))
    if not target or target.startswith("/") or ".." in parts[climbs:] or climbs > path.count("/"):
        raise RefusedError(f"link {path!r} leads outside, to {target!r}")
    return target


def write_members(members: tuple[Member, ...], folder: Path) -> None:
    """Lay judged members into a new, empty folder."""
    for member in members:
        path = folder / member.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if member.target:
            path.symlink_to(member.target)
        else:
            path.write_bytes(member.data)
            path.chmod(0o755 if member.executable else 0o644)
