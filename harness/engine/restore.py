"""A recorded workspace in a fresh sandbox: what differs is laid anew, a look must give the recorded tree, and what can't be restored is named."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from harness.core.errors import SandboxError
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.ports import Sandbox
from harness.core.recorded import KeptEntry, KeptTree, Lines, Tree, Trees

_SHA1, _SHA256 = 40, 64
_EVERYDAY = frozenset({0o755, 0o775})
MOST_NAMED = 20

Paths = Mapping[bytes, KeptEntry]


class Work(msgspec.Struct, frozen=True):
    """What makes one listing of another: paths to remove (topmost only), paths to lay, and a sentence for each that can't be."""

    remove: tuple[bytes, ...]
    lay: tuple[tuple[bytes, KeptEntry], ...]
    lost: tuple[str, ...]


class Restored(msgspec.Struct, frozen=True):
    """The tree as a look then saw it, that look, and what could not be restored."""

    tree: Tree
    look: TreeDelta
    lost: tuple[str, ...]


def restore(wanted: Tree, first: Tree, modes: Mapping[bytes, int], lines: Lines, held: tuple[Sandbox, Trees]) -> Restored:
    """Make a workspace that holds `first` hold `wanted`; `modes` of the image's files, which git's trees tell only roughly.

    Raises SandboxError where the look afterwards does not give the wanted tree.
    """
    sandbox, trees = held
    with lines.recorded(wanted) as want, lines.recorded(first) as have:
        tree, repository = planned(have.entries(), want), _repository(wanted, first, have, want)
        try:
            _do(tree, want, modes, sandbox)
            _do(repository, want, modes, sandbox)
        except OSError as fault:
            raise SandboxError(f"{fault.filename or 'the workspace'}: could not be restored: {fault.strerror or fault}") from fault
        look = sandbox.changes()
        now = trees.follow(look)
        lost = (*tree.lost, *repository.lost)
        with lines.recorded(now) as seen:
            _compared(wanted, now, want, seen)
        if now.git != wanted.git and not repository.lost:
            lost = (*lost, "the repository's own .git is not quite as it was")
    return Restored(now, look, lost)


def planned(have: Paths, want: KeptTree) -> Work:
    """From one listing to the other; folders are those that hold something, or are told by themselves."""
    wanted = dict(want.entries())
    lost = [sentence for path, entry in wanted.items() if (sentence := _lost(path, entry, have.get(path), want))]
    kept = {path: entry for path, entry in wanted.items() if not _lost(path, entry, have.get(path), want)}
    old, new = _with_folders(have), _with_folders(kept)
    gone = [path for path in old if path not in new or old[path].kind != new[path].kind]
    fresh = [(path, _with_content(entry, have.get(path))) for path, entry in new.items() if path in gone or not _same(old.get(path), entry)]
    return Work(_topmost(gone), tuple(sorted(fresh, key=lambda row: row[0])), tuple(lost))


def _with_content(entry: KeptEntry, have: KeptEntry | None) -> KeptEntry:
    """A long file that was only touched: laid once more, so that a look tells it as it did then."""
    return msgspec.structs.replace(entry, oid=have.oid) if have and len(entry.oid) == _SHA256 else entry


def _repository(wanted: Tree, first: Tree, have: KeptTree, want: KeptTree) -> Work:
    """The workdir's own .git: only where it is not the image's."""
    if wanted.git == first.git:
        return Work((), (), ())
    before, after = have.repository(), want.repository()
    if before is None or after is None:
        return Work((), (), ("the repository's own .git as it was then: it is not on record",))
    lost = [f"{_name(path)}: only its digest is on record" for path, e in after.items() if len(e.oid) == _SHA256 and not _same(before.get(path), e)]
    gone = [path for path in before if path not in after or before[path].kind != after[path].kind]
    fresh = [(p, e) for p, e in after.items() if len(e.oid) != _SHA256 and (p in gone or not _same(before.get(p), e))]
    return Work(_topmost(gone), tuple(sorted(fresh, key=lambda row: row[0])), tuple(lost))


def _lost(path: bytes, entry: KeptEntry, have: KeptEntry | None, want: KeptTree) -> str:
    """Why a path can't be restored, or "": contents over the size cap are on record by digest alone, and so is what nobody could read."""
    if have == entry:
        return ""
    if entry.kind == "file" and len(entry.oid) != _SHA1:
        alike = have is not None and len(have.oid) == _SHA1 and hashlib.sha256(want.content(have.oid)).hexdigest() == entry.oid
        return "" if alike else f"{_name(path)}: only the digest of its {entry.size} bytes is on record"
    if entry.kind == "special" and not stat.S_ISFIFO(entry.mode or 0):
        return f"{_name(path)}: a socket or device"
    if entry.kind == "unreadable":
        return f"{_name(path)}: it could not be read when the tree was recorded"
    return ""


def _with_folders(paths: Paths) -> dict[bytes, KeptEntry]:
    """The listing with every folder on the way."""
    found = dict(paths)
    for path in paths:
        at = path.rfind(b"/")
        while at > 0:
            found.setdefault(path[:at], KeptEntry("dir", None, True, 0, ""))
            at = path.rfind(b"/", 0, at)
    return found


def _same(have: KeptEntry | None, want: KeptEntry) -> bool:
    if have is None or have.kind != want.kind:
        return False
    if want.kind == "dir":
        return _folder_mode(have) == _folder_mode(want)
    return (have.oid, have.mode, have.runs) == (want.oid, want.mode, want.runs)


def _folder_mode(entry: KeptEntry) -> int | None:
    return None if entry.mode in _EVERYDAY else entry.mode


def _topmost(paths: list[bytes]) -> tuple[bytes, ...]:
    every = set(paths)
    return tuple(path for path in sorted(every) if not any(path[:at] in every for at, byte in enumerate(path) if byte == 0x2F))


def _do(work: Work, want: KeptTree, modes: Mapping[bytes, int], sandbox: Sandbox) -> None:
    for path in work.remove:
        sandbox.remove(PurePosixPath(path.decode("utf-8", "surrogateescape")))
    if work.lay:
        sandbox.lay(_entries(work, want, modes))


def _entries(work: Work, want: KeptTree, modes: Mapping[bytes, int]) -> Iterator[TreeEntry]:
    for path, entry in work.lay:
        data = want.content(entry.oid) if entry.kind in ("file", "link") and len(entry.oid) == _SHA1 else None
        yield TreeEntry(path, entry.kind, _mode(entry, modes.get(path)), entry.size, data)  # type: ignore[arg-type]


def _mode(entry: KeptEntry, usual: int | None) -> int:
    """As recorded; else the image's own where it says the same of running, else the everyday one."""
    if entry.mode is not None:
        return entry.mode
    if usual is not None and entry.kind == "file" and bool(usual & 0o100) == entry.runs:
        return usual
    return 0o755 if entry.runs else 0o644


def _compared(wanted: Tree, now: Tree, want: KeptTree, seen: KeptTree) -> None:
    """Raises SandboxError naming the paths where the look tells another tree than the one recorded."""
    if now.tree == wanted.tree:
        return
    left, right = want.entries(), seen.entries()
    parted = [_name(path) for path in left.keys() | right.keys() if not _alike(left.get(path), right.get(path), want)]
    if parted:
        raise SandboxError(f"could not be restored: {', '.join(sorted(parted)[:MOST_NAMED])}{' ...' if len(parted) > MOST_NAMED else ''}")


def _alike(want: KeptEntry | None, seen: KeptEntry | None, read: KeptTree) -> bool:
    """The same content; of a long file that a look tells by digest alone, the recorded content must have that digest."""
    if want is None or seen is None:
        return (want or seen) is not None and len((want or seen).oid) != _SHA1  # type: ignore[union-attr]
    if len(want.oid) == _SHA1 and len(seen.oid) == _SHA256:
        return hashlib.sha256(read.content(want.oid)).hexdigest() == seen.oid
    return len(want.oid) != _SHA1 or (want.oid, want.runs) == (seen.oid, seen.runs)


def _name(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
