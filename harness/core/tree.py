"""A folder as a tar archive tells it, and what an image holds before anybody worked in it. Pure: bytes in, values out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Literal

import msgspec

from harness.core.machine import TreeEntry


class BaseEntry(msgspec.Struct, frozen=True, array_like=True):
    """One path of the image's workdir; `oid` is the git blob id of a file or link, "" for others."""

    path: bytes
    kind: Literal["file", "link", "dir", "special"]
    mode: int
    size: int
    oid: str

    def listed(self) -> TreeEntry:
        return TreeEntry(self.path, self.kind, self.mode, self.size)


class Base(msgspec.Struct, frozen=True):
    """`image` is the digest of the derived image."""

    image: str
    entries: tuple[BaseEntry, ...]


def own_git(path: bytes) -> bool:
    """Whether a path of the workdir is of its own repository's records: they are no part of its tree, nor of the work."""
    return path == b".git" or path.startswith(b".git/")


def members(tar: bytes) -> Iterator[tuple[TreeEntry, bytes]]:
    """Every path below the archive's top folder, with its bytes (a link's target); hard links are read as the files they are."""
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:", errors="surrogateescape") as archive:
        for member in archive:
            name = member.name.partition("/")[2].encode("utf-8", "surrogateescape")
            if name:
                yield _read(archive, member, name)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, name: bytes) -> tuple[TreeEntry, bytes]:
    if member.issym():
        target = member.linkname.encode("utf-8", "surrogateescape")
        return TreeEntry(name, "link", 0o777, len(target)), target
    if member.isdir():
        return TreeEntry(name, "dir", member.mode, 0), b""
    if not (member.isreg() or member.islnk()):
        return TreeEntry(name, "special", member.mode, 0), b""
    file = archive.extractfile(member)
    data = file.read() if file else b""
    return TreeEntry(name, "file", member.mode, len(data)), data
