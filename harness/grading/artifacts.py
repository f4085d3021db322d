"""What else of an agent's machine comes along to its grading: files at the places they had there, without bits, devices and links that lead out. Pure."""

from __future__ import annotations

import fnmatch
import io
import posixpath
import stat
import tarfile
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from harness.core.phases import Artifact

LOGS = Artifact("/logs/artifacts")
"""Always collected, as in Harbor."""
Found: TypeAlias = tuple[Artifact, bytes]
"""An artifact, and a tar of it whose member names begin with the last name of its source."""


def carried(found: Iterable[Found], owner: tuple[int, int]) -> bytes:
    """One tar to be laid over /, its files `owner`'s (uid, gid); b"" where nothing comes along."""
    out, count = io.BytesIO(), 0
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as laid:
        for artifact, tar in found:
            with tarfile.open(fileobj=io.BytesIO(tar)) as held:
                for member, data in _members(artifact, held):
                    member.uid, member.gid = owner
                    laid.addfile(member, io.BytesIO(data))
                    count += 1
    return out.getvalue() if count else b""


def _members(artifact: Artifact, held: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    source = artifact.source.strip("/")
    for member in held.getmembers():
        below = member.name.strip("/").partition("/")[2]
        name = posixpath.normpath(f"{source}/{below}")
        if _left_out(below, artifact.exclude) or not (name == source or name.startswith(f"{source}/")):
            continue
        made = _plain(member, name, source)
        if made is not None:
            read = held.extractfile(member) if made.isfile() else None
            data = read.read() if read else b""
            made.size = len(data)
            yield made, data


def _plain(member: tarfile.TarInfo, name: str, source: str) -> tarfile.TarInfo | None:
    """The member under its new name; None for what does not come along. A hard link becomes the file it is."""
    made = tarfile.TarInfo(name)
    made.mode, made.mtime = stat.S_IMODE(member.mode) & 0o777, member.mtime
    if member.isdir():
        made.type = tarfile.DIRTYPE
    elif member.issym():
        end = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
        if member.linkname.startswith("/") or not (end == source or end.startswith(f"{source}/")):
            return None
        made.type, made.linkname = tarfile.SYMTYPE, member.linkname
    elif not (member.isfile() or member.islnk()):
        return None
    return made


def _left_out(below: str, patterns: tuple[str, ...]) -> bool:
    """By a pattern of the whole name, or of any part of it."""
    parts = below.split("/") if below else []
    names = ("/".join(parts[: count + 1]) for count in range(len(parts)))
    return any(fnmatch.fnmatchcase(name, one) for one in patterns for name in (*parts, *names))
