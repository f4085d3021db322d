"""Tar streams to and from containers: small ones made from values, whole folders with a new owner."""

from __future__ import annotations

import io
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

import msgspec
from docker.errors import NotFound
from docker.models.containers import Container
from docker.utils import decode_json_header

IN_MEMORY_BYTES: Final = 64 << 20
NOT_FOUND: Final = 404
# Not zero: archives made from such files in a container would be refused as older than 1980.
FIXED_TIME: Final = 1735689600


class Laid(msgspec.Struct, frozen=True):
    """Something to lay into a container: a file when `data` is bytes, else a folder. `path` without the leading slash."""

    path: str
    data: bytes | None = None
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


def packed(things: Iterable[Laid]) -> bytes:
    """A tar of these, in this order, the same for the same things."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for thing in things:
            add(tar, thing)
    return out.getvalue()


def add(tar: tarfile.TarFile, thing: Laid) -> None:
    """One more member."""
    info = tarfile.TarInfo(thing.path)
    info.mode, info.uid, info.gid = thing.mode, thing.uid, thing.gid
    info.mtime = FIXED_TIME
    if thing.data is None:
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
        return
    info.size = len(thing.data)
    tar.addfile(info, io.BytesIO(thing.data))


@contextmanager
def fetched(container: Container, path: str) -> Iterator[IO[bytes]]:
    """The engine's tar of a path, spooled; its first member is the path's last name. Raises NotFound."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        chunks, _ = container.get_archive(path, chunk_size=1 << 20)
        for chunk in chunks:
            spool.write(chunk)
        spool.seek(0)
        yield spool


def fetch_file(container: Container, path: str) -> bytes | None:
    """A regular file's bytes, None when there is nothing at `path`; raises ValueError when it is something else."""
    try:
        with fetched(container, path) as spool, tarfile.open(fileobj=spool) as tar:
            member = tar.next()
            if member is None or not member.isreg():
                raise ValueError(f"{path} is not a regular file")
            found = tar.extractfile(member)
            return found.read() if found else b""
    except NotFound:
        return None


def kind_at(container: Container, path: str) -> str:
    """What is at `path` in a container: "dir", "link", "file" or "" for nothing; asks for the engine's stat alone. Raises APIError."""
    api: Any = container.client.api  # type: ignore[union-attr]
    # The library can only ask for the content too, and an answer left unread keeps its connection and the container's lock.
    answer = api.head(api._url("/containers/{0}/archive", container.id), params={"path": path}, timeout=api.timeout)  # noqa: SLF001
    if answer.status_code == NOT_FOUND:
        return ""
    api._raise_for_status(answer)  # noqa: SLF001
    mode = int(decode_json_header(answer.headers["X-Docker-Container-Path-Stat"]).get("mode", 0))
    # The engine tells Go's file mode, whose type bits are the highest: folder, then symbolic link.
    return "dir" if mode >> 31 & 1 else "link" if mode >> 27 & 1 else "file"


def put(container: Container, folder: str, tar: bytes | IO[bytes]) -> None:
    """Unpack into a folder of the container, running or not; owners and modes as in the tar."""
    container.put_archive(folder, tar)


def repositories_in(source: IO[bytes]) -> tuple[tuple[str, bool], ...]:
    """Every `.git` in a tar: (path, is a folder)."""
    with tarfile.open(fileobj=source, mode="r|", errorlevel=1) as tar:
        return tuple((member.name.rstrip("/"), member.isdir()) for member in tar if PurePosixPath(member.name).name == ".git")


def owned(source: IO[bytes], uid: int, gid: int) -> tuple[IO[bytes], tuple[tuple[str, bool], ...]]:
    """The same tar with every member belonging to them, spooled (the caller closes it), and the `.git` in it: (path, is a folder)."""
    repositories: list[tuple[str, bool]] = []
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - handed to the caller
    with (
        tarfile.open(fileobj=source, mode="r|", errorlevel=1) as old,
        tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old:
            member.uid, member.gid = uid, gid
            member.uname = member.gname = ""
            if PurePosixPath(member.name).name == ".git":
                repositories.append((member.name.rstrip("/"), member.isdir()))
            for name in ("uid", "gid", "uname", "gname"):
                member.pax_headers.pop(name, None)  # type: ignore[attr-defined]
            new.addfile(member, old.extractfile(member) if member.isreg() else None)
            old.members.clear()  # type: ignore[attr-defined]
    target.seek(0)
    return target, tuple(repositories)


def unpack_plain(source: IO[bytes], folder: Path) -> tuple[str, ...]:
    """Write files and folders of a tar's first folder into `folder`; the names of links and specials, which are left out."""
    left: list[str] = []
    with tarfile.open(fileobj=source, mode="r:") as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts[1:]
            target = folder.joinpath(*parts)
            if ".." in parts or (member.islnk() and not tar.getmember(member.linkname).isreg()):
                left.append(member.name)
            elif member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif (data := tar.extractfile(member) if member.isreg() or member.islnk() else None) is not None:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data.read())
            elif parts:
                left.append("/".join(parts))
    return tuple(left)


def tree_tar(folder: Path, name: str, uid: int) -> IO[bytes]:
    """A tar that puts `folder` at `name` in place of whatever is there: a file first, which makes the engine remove a folder."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - handed to the caller
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
        add(tar, Laid(name, b"", 0o644, uid, uid))
        add(tar, Laid(name, None, 0o755, uid, uid))
        for path in sorted(folder.rglob("*")):
            add_path(tar, path, PurePosixPath(name) / path.relative_to(folder), uid)
    target.seek(0)
    return target


def folder_tar(folder: Path, names: Iterable[str]) -> IO[bytes]:
    """A tar of `names` (posix, relative) of a folder, with fixed owners and times, spooled; the caller closes it."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - handed to the caller
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in names:
            add_path(tar, folder / name, PurePosixPath(name))
    target.seek(0)
    return target


def add_path(tar: tarfile.TarFile, path: Path, name: PurePosixPath, uid: int = 0) -> None:
    """One file, folder or link of the host; only whether it can be executed survives of its mode."""
    info = tar.gettarinfo(path, str(name))
    if not (info.isreg() or info.isdir() or info.issym() or info.islnk()):
        raise ValueError(f"{path} is neither file, folder nor link")
    info.uid = info.gid = uid
    info.uname = info.gname = ""
    info.mtime = FIXED_TIME
    info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
    if info.islnk():
        info.type, info.linkname, info.size = tarfile.REGTYPE, "", path.stat().st_size
    if info.isreg():
        with path.open("rb") as handle:
            tar.addfile(info, handle)
        return
    tar.addfile(info)
