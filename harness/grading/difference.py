"""What an agent's work is: the workdir as the engine hands it out, compared with base by bytes, kinds and modes. Git is not asked."""

from __future__ import annotations

import hashlib
import os

import msgspec

from harness.core.machine import TreeEntry
from harness.core.ports import Patch, PatchFile
from harness.core.tree import Base, BaseEntry, members, own_git


class Difference(msgspec.Struct, frozen=True):
    """The patch, its paths by what happened to them, and the changed paths that do not come along."""

    patch: Patch
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]
    oids: tuple[tuple[str, str], ...]
    """Path and git blob id of every file and link found, for comparison with the last tree seen."""


def difference(base: Base, tar: bytes) -> Difference:
    """Compare a harvested folder with its base."""
    before = {entry.path: entry for entry in base.entries}
    files: list[PatchFile] = []
    added: list[str] = []
    changed: list[str] = []
    left: list[str] = []
    oids: list[tuple[str, str]] = []
    seen: set[bytes] = set()
    for entry, data in members(tar):
        seen.add(entry.path)
        oid = blob_id(data) if entry.kind in ("file", "link") else ""
        if oid and not own_git(entry.path):
            oids.append((name_of(entry.path), oid))
        if _same(before.get(entry.path), entry, oid):
            continue
        if not _comes_along(entry):
            left.append(name_of(entry.path))
            continue
        (changed if entry.path in before else added).append(name_of(entry.path))
        files.append(PatchFile(name_of(entry.path), entry.kind, entry.mode & 0o777, data))
    gone = [path for path in before if path not in seen]
    removed = tuple(sorted(name_of(path) for path in gone if not own_git(path)))
    paths = (tuple(sorted(added)), tuple(sorted(changed)), removed, tuple(sorted(left)))
    return Difference(Patch(tuple(files), removed), *paths, tuple(oids))


def blob_id(data: bytes) -> str:
    """Git's id of a file's bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def name_of(path: bytes) -> str:
    """A path as text; bytes that are not UTF-8 are kept as surrogate escapes, so that it can be turned back."""
    return path.decode("utf-8", "surrogateescape")


def _same(before: BaseEntry | None, now: TreeEntry, oid: str) -> bool:
    if before is None or before.kind != now.kind or before.oid != oid:
        return False
    return now.kind != "file" or (before.mode & 0o777) == (now.mode & 0o777)


def _comes_along(entry: TreeEntry) -> bool:
    """Refused: the agent's git state, compiled leftovers (a stale .pyc turns verdicts), devices, sockets and pipes."""
    parts = entry.path.split(b"/")
    compiled = b"__pycache__" in parts or entry.path.endswith((b".pyc", b".pyo"))
    return not own_git(entry.path) and not compiled and entry.kind in ("file", "link", "dir")


def packed(patch: Patch) -> bytes:
    """A patch as bytes for the record; paths as the bytes they are on disk."""
    files = [(os.fsencode(file.path), file.kind, file.mode, file.data) for file in patch.files]
    return msgspec.msgpack.encode((files, [os.fsencode(path) for path in patch.removed]))


def unpacked(data: bytes) -> Patch:
    """What `packed` packed."""
    files, removed = msgspec.msgpack.decode(data, type=tuple[list[tuple[bytes, str, int, bytes]], list[bytes]])
    return Patch(
        tuple(PatchFile(name_of(path), kind, mode, body) for path, kind, mode, body in files),
        tuple(name_of(path) for path in removed),
    )
