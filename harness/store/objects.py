"""Git objects without a working tree: blobs and trees written straight into a bare repository, few loose, many as one pack.

Refused: `git fast-import`, whose newer versions reject the paths named .git that a nested repository has, and which would
be one more process to hold per trial; and gitdb's own loose writer, which renames through a second temporary name per object.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterable
from pathlib import Path

import git
import msgspec

from harness.store.atomic import place
from harness.store.faults import named
from harness.store.unforced import unforced

LOOSE = 64
"""Up to this many new objects are written loose; more become one pack."""

_PLAIN = ("-c", "pack.writeReverseIndex=false")
"""A third file would have to be moved and forced with the two; git makes it in memory where it needs it."""
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
    """Make the bare repository unless it is there; several processes may try at once. Raises StoreError, and leaves nothing half made."""
    if (folder / "HEAD").exists():
        return
    fresh = folder.with_name(f".new-trees-{secrets.token_hex(8)}")
    try:
        git.Repo.init(fresh, bare=True, mkdir=True).close()
        fresh.rename(folder)
    except (OSError, git.GitCommandError) as fault:
        shutil.rmtree(fresh, ignore_errors=True)
        if not (folder / "HEAD").exists():
            raise named(folder, "could not be made", _plain(fault)) from fault


def write(folder: Path, objects: Iterable[GitObject]) -> None:
    """Keep the objects; those already there are left as they are. Raises StoreError, and leaves no half of an object."""
    every = {item.oid: item for item in objects}
    fresh = [item for item in every.values() if not _held(folder, item)]
    if len(fresh) > LOOSE:
        _write_pack(folder, fresh)
    else:
        for item in fresh:
            place(_loose(folder, item.oid), zlib.compress(_whole(item), 1), "tmp_obj_")
    written = {item.oid for item in fresh} if len(fresh) > LOOSE else set()
    for oid in every.keys() - written:
        unforced(folder.parent).note(_loose(folder, oid))


def _loose(folder: Path, oid: str) -> Path:
    return folder / "objects" / oid[:2] / oid[2:]


def _held(folder: Path, item: GitObject) -> bool:
    """Whether the object is there, loose and whole: after a power loss it may have its name and not its bytes."""
    try:
        return zlib.decompress(_loose(folder, item.oid).read_bytes()) == _whole(item)
    except (OSError, zlib.error):
        return False


def _whole(item: GitObject) -> bytes:
    return item.kind + b" %d\0" % len(item.body) + item.body


def _write_pack(folder: Path, items: list[GitObject]) -> None:
    """The same objects in the same order are the same pack, so every trial's first look at a large image finds its pack there."""
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(items)))
    for item in items:
        pack += _pack_header(_KINDS[item.kind], len(item.body)) + zlib.compress(item.body, 1)
    digest = _sha1(bytes(pack))
    stem = folder / "objects" / "pack" / f"pack-{digest.hex()}"
    whole = bytes(pack + digest)
    if not _kept(stem, whole):
        _indexed(stem, whole)
    for ending in (".pack", ".idx"):
        unforced(folder.parent).note(stem.with_suffix(ending))


def _kept(stem: Path, pack: bytes) -> bool:
    """Whether pack and index are there and whole; an index ends with the digests of its pack and of itself."""
    try:
        index = stem.with_suffix(".idx").read_bytes()
        return stem.with_suffix(".pack").read_bytes() == pack and index[-40:] == pack[-20:] + _sha1(index[:-20])
    except OSError:
        return False


def _indexed(stem: Path, pack: bytes) -> None:
    """Pack and index in a folder of their own first, the index moved last: git knows a pack by its index."""
    fresh = stem.parent.parent / f"tmp_objdir-longhaul-{secrets.token_hex(8)}"
    try:
        fresh.mkdir()
        whole = fresh / f"{stem.name}.pack"
        whole.write_bytes(pack)
        command = ["env", "LC_ALL=C", "git", "--git-dir", str(stem.parents[2]), *_PLAIN, "index-pack", str(whole)]
        subprocess.run(command, check=True, capture_output=True, cwd=fresh)
        for ending in (".pack", ".idx"):
            whole.with_suffix(ending).replace(stem.with_suffix(ending))
    except (OSError, subprocess.CalledProcessError) as fault:
        raise named(stem, "could not be written", fault) from fault
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _sha1(data: bytes) -> bytes:
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _plain(fault: Exception) -> Exception:
    """GitPython's fault in the words of subprocess."""
    if isinstance(fault, git.GitCommandError):
        return subprocess.CalledProcessError(1, "git init", stderr=str(fault.stderr))
    return fault


def _pack_header(kind: int, size: int) -> bytes:
    """Type and size as git packs write them: 4 bits of size beside the type, then 7 at a time."""
    first, rest = (kind << 4) | (size & 15), size >> 4
    done = bytearray()
    while rest:
        done.append(first | 0x80)
        first, rest = rest & 0x7F, rest >> 7
    return bytes([*done, first])
