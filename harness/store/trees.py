"""One trial's line of trees: deltas of the workspace folded into git trees, durable before the next wish."""

from __future__ import annotations

import json
from pathlib import Path

from harness.core.errors import SandboxError
from harness.core.machine import TreeDelta, TreeEntry
from harness.core.recorded import Tree
from harness.core.tree import Base, own_git
from harness.store.objects import GitObject, made, write

_EXECUTABLE, _LINK, _FOLDER = b"100755", b"120000", b"40000"


class TreeLine:
    """Holds ids only, never contents. The agent's own top-level .git is not in the tree: it has a digest of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[bytes, tuple[bytes, str]] = {}
        self._trees: dict[bytes, GitObject] = {}
        self._extra: dict[str, list[object]] = {}
        self._git: dict[str, list[object]] = {}
        self._folders: dict[bytes, list[object]] = {}
        self._dirty: set[bytes] = set()

    def start(self, base: Base, look: TreeDelta) -> Tree:
        """Begin from the image's own files; raises SandboxError when the fresh container does not hold what its image holds."""
        for entry in base.entries:
            self._take(entry.listed(), entry.oid)
        _compare(base, look)
        return self._closed([])

    def follow(self, delta: TreeDelta) -> Tree:
        """The tree after a delta. Raises StoreError."""
        fresh: list[GitObject] = []
        for path in delta.removed:
            self._drop(path)
        for entry in delta.entries:
            body = made(b"blob", entry.data) if entry.kind in ("file", "link") and entry.data is not None else None
            if body:
                fresh.append(body)
            self._take(entry, body.oid if body else entry.sha256)
        return self._closed(fresh)

    def listing(self) -> dict[str, str]:
        """Path -> git blob id of every file and link of the latest tree."""
        return {path.decode("utf-8", "surrogateescape"): oid for path, (_, oid) in self._files.items()}

    def _take(self, entry: TreeEntry, oid: str) -> None:
        if own_git(entry.path):
            self._git[_name(entry.path)] = _odd(entry, oid)
            return
        self._drop(entry.path)
        if entry.kind == "dir":
            self._folders[entry.path] = _odd(entry, "")
        if entry.kind == "link" or (entry.kind == "file" and len(oid) == 40):
            self._files[entry.path] = (_git_mode(entry), oid)
            self._touch(entry.path)
        if entry.kind != "link" and not _ordinary(entry, oid):
            self._extra[_name(entry.path)] = _odd(entry, oid)

    def _drop(self, path: bytes) -> None:
        if own_git(path):
            self._git.pop(_name(path), None)
            return
        self._folders.pop(path, None)
        if self._files.pop(path, None):
            self._touch(path)
        self._extra.pop(_name(path), None)

    def _touch(self, path: bytes) -> None:
        while path:
            path = path.rpartition(b"/")[0]
            self._dirty.add(path)

    def _closed(self, fresh: list[GitObject]) -> Tree:
        fresh += self._rebuilt()
        empty = {_name(path): what for path, what in self._folders.items() if path not in self._trees}
        extra, state = _manifest(empty | self._extra), _manifest(self._git)
        write(self._folder, [*fresh, extra, state])
        return Tree(self._trees[b""].oid, extra.oid, state.oid if self._git else "")

    def _rebuilt(self) -> list[GitObject]:
        """Tree objects of every dirty folder, deepest first; the parents of an emptied folder lose it."""
        if b"" not in self._trees:
            self._dirty.add(b"")
        children = self._children()
        done = []
        for folder in sorted(self._dirty, key=lambda path: (path.count(b"/") + bool(path)), reverse=True):
            rows = children.get(folder, {})
            if not rows and folder:
                self._trees.pop(folder, None)
                continue
            done.append(self._one_tree(folder, rows))
        self._dirty.clear()
        return done

    def _one_tree(self, folder: bytes, rows: dict[bytes, tuple[bytes, str]]) -> GitObject:
        filled = {}
        for name, (mode, oid) in rows.items():
            below = self._trees.get(folder + b"/" + name if folder else name) if mode == _FOLDER else None
            if mode != _FOLDER or below:
                filled[name] = (mode, below.oid if below else oid)
        ordered = sorted(filled.items(), key=lambda row: row[0] + b"/" * (row[1][0] == _FOLDER))
        body = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in ordered)
        self._trees[folder] = made(b"tree", body)
        return self._trees[folder]

    def _children(self) -> dict[bytes, dict[bytes, tuple[bytes, str]]]:
        """For each dirty folder its direct rows; one pass over all paths."""
        rows: dict[bytes, dict[bytes, tuple[bytes, str]]] = {}
        for path, row in self._files.items():
            folder, _, name = path.rpartition(b"/")
            rows.setdefault(folder, {})[name] = row
        for folder in list(rows):
            below = folder
            while below:
                above, _, name = below.rpartition(b"/")
                rows.setdefault(above, {})[name] = (_FOLDER, "")
                below = above
        return rows


def _manifest(rows: dict[str, list[object]]) -> GitObject:
    return made(b"blob", json.dumps(rows, sort_keys=True).encode())


def _name(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _odd(entry: TreeEntry, oid: str) -> list[object]:
    """Of a folder no size, which each file system counts its own way; of a mode no type but a special's, which a tar may tell too."""
    mode = entry.mode if entry.kind == "special" else entry.mode & 0o7777
    return [entry.kind, f"{mode:o}", 0 if entry.kind == "dir" else entry.size, oid]


def _git_mode(entry: TreeEntry) -> bytes:
    if entry.kind == "link":
        return _LINK
    return _EXECUTABLE if entry.mode & 0o100 else b"100644"


def _ordinary(entry: TreeEntry, oid: str) -> bool:
    """Said wholly by a git tree: a file of an everyday mode with its content, or a folder that holds something."""
    if entry.kind == "dir":
        return entry.mode & 0o7777 in (0o755, 0o775)
    return entry.kind == "file" and len(oid) == 40 and entry.mode & 0o7777 in (0o644, 0o755, 0o664, 0o775)


def _compare(base: Base, look: TreeDelta) -> None:
    expected = {entry.path: entry for entry in base.entries}
    seen = {entry.path: entry for entry in look.entries}
    for path in expected.keys() ^ seen.keys():
        raise SandboxError(f"a fresh container differs from its image at {path!r}")
    for path, entry in seen.items():
        if entry.kind != "unreadable" and (entry.kind, entry.size) != (expected[path].kind, expected[path].size):
            raise SandboxError(f"a fresh container differs from its image at {path!r}")
