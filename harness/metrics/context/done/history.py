"""Who changed which file when: every difference between recorded trees, laid to the call that made it; pure, linear in the trees.

Made once for a scene and kept for the detectors that follow: the last scene asked for is remembered, by identity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

import msgspec

from harness.metrics.context.done.runners import tools
from harness.metrics.context.predicates.generated import ignoring
from harness.metrics.context.scene import Did, Scene, Turn

LARGEST = 1_000_000
"""Bytes of a file that is read as text."""
Author: TypeAlias = Literal["agent", "tool", "other"]
"""Of a change: the agent by its own hand, a tool that it ran (a formatter, its tests), or whoever changed files between its calls."""


class Change(msgspec.Struct, frozen=True):
    """A file's blob before and after, "" where there was none. `tree`: the tree that has it first; `seq`: of the call (0: no call's)."""

    turn: int
    seq: int
    path: str
    old: str
    new: str
    author: Author
    tree: str


class History(msgspec.Struct, frozen=True):
    """`changes` in order; `versions`: those of each path; `turns`: those of each turn; `texts`: blobs read so far, each read once;
    `gained`: of pairs of blobs compared so far the lines that only the second has.
    """

    changes: tuple[Change, ...]
    versions: Mapping[str, tuple[Change, ...]]
    turns: Mapping[int, tuple[Change, ...]]
    texts: dict[str, str]
    gained: dict[tuple[str, str], str]

    def own(self, turn: int) -> tuple[Change, ...]:
        """What the agent changed at this turn by its own hand."""
        return tuple(change for change in self.turns.get(turn, ()) if change.author == "agent")

    def at(self, path: str, turn: int, otherwise: str) -> str:
        """The path's blob at the end of the turn; `otherwise` where nothing had changed it by then."""
        return next((c.new for c in reversed(self.versions.get(path, ())) if c.turn <= turn), otherwise)


class _Same:
    """A scene that is equal to itself alone, so that remembering does not compare megabytes."""

    __slots__ = ("scene",)

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.scene is self.scene

    def __hash__(self) -> int:
        return id(self.scene)


def history(scene: Scene) -> History:
    """Every change of the workspace since the agent began. Raises StoreError."""
    return _made(_Same(scene))


def text(scene: Scene, oid: str) -> str:
    """A blob as text; "" for none, for what is none, and for what is larger than anybody writes by hand. Raises StoreError."""
    known = history(scene).texts
    if oid not in known:
        data = scene.trees.content(oid) if oid else b""
        known[oid] = "" if len(data) > LARGEST or b"\0" in data[:8000] else data.decode("utf-8", "replace")
    return known[oid]


@lru_cache(maxsize=1)
def _made(same: _Same) -> History:
    changes = tuple(_changes(same.scene))
    versions: dict[str, list[Change]] = defaultdict(list)
    turns: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        versions[change.path].append(change)
        turns[change.turn].append(change)
    return History(changes, {k: tuple(v) for k, v in versions.items()}, {k: tuple(v) for k, v in turns.items()}, {}, {})


def _changes(scene: Scene) -> Iterator[Change]:
    """Of files that somebody writes: what tools make, or the repository ignores, is nobody's work."""
    now, left = scene.base, _left_out(scene)
    for turn in scene.turns:
        for seq, author, tree in _looks(turn):
            if tree and tree != now:
                each = _between(scene, (now, tree), (turn.number, seq), author)
                yield from (change for change in each if not left(change.path))
                now = tree


def _left_out(scene: Scene) -> Callable[[str], bool]:
    oid = scene.trees.files(scene.base).get(".gitignore") if scene.base else None
    return ignoring(scene.trees.content(oid).decode("utf-8", "replace").splitlines() if oid else ())


def written(scene: Scene, paths: Iterable[str]) -> list[str]:
    """Those of the paths that somebody writes. Raises StoreError."""
    left = _left_out(scene)
    return [path for path in paths if not left(path)]


def _looks(turn: Turn) -> Iterator[tuple[int, Author, str]]:
    """The trees seen in a turn with who is to answer for the difference from the one before."""
    for did in turn.calls:
        yield 0, "other", did.before
        yield did.seq, _author(did), did.after
    yield 0, "other", turn.tree


def _author(did: Did) -> Author:
    return "tool" if tools(did) else "agent"


def _between(scene: Scene, trees: tuple[str, str], place: tuple[int, int], author: Author) -> Iterator[Change]:
    before = scene.trees.files(trees[0]) if trees[0] else {}
    after = scene.trees.files(trees[1])
    for path, oid in sorted(after.items() - before.items()):
        yield Change(*place, path, before.get(path, ""), oid, author, trees[1])
    for path in sorted(before.keys() - after.keys()):
        yield Change(*place, path, before[path], "", author, trees[1])
