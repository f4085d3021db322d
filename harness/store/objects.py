"""Git objects without a working tree: blobs and trees written straight into a bare repository, few loose, many as one pack.

Refused: `git fast-import`, whose newer versions reject the paths named .git that a nested repository has, and which would
be one more process to hold per trial; and gitdb's own loose writer, which renames through a second temporary name per object.
"""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import git
import msgspec

from harness.core.errors import StoreError

LOOSE = 64
"""Up to this many new objects are written loose; more become one pack."""

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3}


class GitObject(msgspec.Struct, frozen=True):
    """`oid` is the hex id that git gives the body under this kind."""

    kind: bytes
    body: bytes
    oid: str


def made(kind: bytes, body: bytes) -> GitObject:
    """The object with its id (git's own formula: sha1 over "kind size NUL body")."""
    header = kind + b" %d\0" % len(body)
    return GitObject(kind, body, hashlib.sha1(header + body, usedforsecurity=False).hexdigest())


def bare(folder: Path) -> None:
    """Make the bare repository unless it is there; several processes may try at once."""
    if not (folder / "HEAD").exists():
        git.Repo.init(folder, bare=True, mkdir=True).close()


def write(folder: Path, objects: Iterable[GitObject]) -> None:
    """Keep the objects; those already there are left as they are. Raises StoreError."""
    fresh = {item.oid: item for item in objects if not _loose(folder, item.oid).exists()}
    try:
        if len(fresh) > LOOSE:
            _write_pack(folder, list(fresh.values()))
        else:
            for item in fresh.values():
                _write_loose(folder, item)
    except (OSError, subprocess.CalledProcessError) as fault:
        raise StoreError(f"{folder}: objects could not be written: {fault}") from fault


def _loose(folder: Path, oid: str) -> Path:
    return folder / "objects" / oid[:2] / oid[2:]


def _write_loose(folder: Path, item: GitObject) -> None:
    path = _loose(folder, item.oid)
    path.parent.mkdir(exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder / "objects", prefix="tmp_obj_")
    with os.fdopen(handle, "wb") as file:
        file.write(zlib.compress(item.kind + b" %d\0" % len(item.body) + item.body, 1))
    Path(name).replace(path)


def _write_pack(folder: Path, items: list[GitObject]) -> None:
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(items)))
    for item in items:
        pack += _pack_header(_KINDS[item.kind], len(item.body)) + zlib.compress(item.body, 1)
    pack += hashlib.sha1(bytes(pack), usedforsecurity=False).digest()
    command = ["git", "--git-dir", str(folder), "index-pack", "--stdin"]
    subprocess.run(command, input=bytes(pack), check=True, capture_output=True)


def _pack_header(kind: int, size: int) -> bytes:
    """Type and size as git packs write them: 4 bits of size beside the type, then 7 at a time."""
    first, rest = (kind << 4) | (size & 15), size >> 4
    done = bytearray()
    while rest:
        done.append(first | 0x80)
        first, rest = rest & 0x7F, rest >> 7
    return bytes([*done, first])
