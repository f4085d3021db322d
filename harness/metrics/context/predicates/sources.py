"""Recorded trees as predicates ask of them: files without links and generated ones, what a blob says, and what differs between two trees.

Every answer depends on its arguments alone; what is kept is kept for speed: a blob is parsed once, and of a tree only the paths are looked
at again that differ from the tree that was asked for last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Final, TypeVar, cast

import msgspec

from harness.metrics.context.predicates.contents import Contents
from harness.metrics.context.predicates.facts import Module
from harness.metrics.context.predicates.generated import ignoring
from harness.metrics.context.predicates.globs import within
from harness.metrics.context.scene import Trees

Value = TypeVar("Value")
PAIRS: Final = 64
LATELY: Final = 4096


class _Swept(msgspec.Struct):
    tree: str
    found: dict[str, object]


class Sources:
    """`tested`: (tree, test ids) -> whether they all passed there, None or missing where nobody ran them.

    `near`: sources of the same blobs, which need not be parsed twice.
    """

    def __init__(
        self, trees: Trees, tested: Mapping[tuple[str, tuple[str, ...]], bool | None] | None = None, near: Sources | None = None
    ) -> None:
        self._trees = trees
        self._tested = tested or {}
        self.contents: Contents = near.contents if near else Contents(trees.content)
        self._pairs: OrderedDict[tuple[str, str], frozenset[str]] = OrderedDict()
        self._swept: dict[Hashable, _Swept] = {}
        self._ignored: dict[str, Callable[[str], bool]] = {}
        self._homes: dict[tuple[str, str], Mapping[str, tuple[str, ...]]] = {}
        self._made: dict[Hashable, object] = {}

    def files(self, tree: str) -> Mapping[str, str]:
        """Path -> blob id. Raises StoreError."""
        return self._trees.files(tree) if tree else {}

    def data(self, oid: str) -> bytes:
        return self.contents.data(oid)

    def tested(self, tree: str, ids: tuple[str, ...]) -> bool | None:
        return self._tested.get((tree, ids))

    def module(self, oid: str) -> Module | None:
        """None for what does not parse."""
        return self.contents.module(oid)

    def lines(self, oid: str) -> tuple[str, ...]:
        return self.contents.lines(oid)

    def file(self, tree: str, path: str) -> str | None:
        """The blob of a file; None where none is, a link included: what it leads to stands under a path of its own, or outside."""
        files = self.files(tree)
        return None if path in linked(files) else files.get(path)

    def at(self, tree: str, path: str) -> Module | None:
        """The module of that path; None where there is none that parses."""
        oid = self.file(tree, path)
        return self.module(oid) if oid is not None else None

    def changed(self, before: str, after: str) -> frozenset[str]:
        """Paths that were added, removed or changed between two trees."""
        if before == after:
            return frozenset()
        if (before, after) not in self._pairs:
            self._pairs[before, after] = _apart(self.files(before), self.files(after))
            if len(self._pairs) > PAIRS:
                self._pairs.popitem(last=False)
        return self._pairs[before, after]

    def left_out(self, base: str) -> Callable[[str], bool]:
        """Whether a path is generated, or ignored by the repository as the agent found it: what it adds to `.gitignore` hides nothing."""
        if base not in self._ignored:
            oid = self.files(base).get(".gitignore")
            self._ignored[base] = ignoring(self.lines(oid) if oid else ())
        return self._ignored[base]

    def homes(self, base: str, kind: str) -> Mapping[str, tuple[str, ...]]:
        """Name of each definition of this kind in the tree that the agent began with -> the modules that have it."""
        if (base, kind) not in self._homes:
            found: dict[str, list[str]] = {}
            for path, oid in self.files(base).items():
                module = self.module(oid) if path.endswith((".py", ".pyi")) and not self.left_out(base)(path) else None
                for name, every in module.definitions.items() if module else ():
                    if every[-1].kind == kind:
                        found.setdefault(name, []).append(path)
            self._homes[base, kind] = {name: tuple(paths) for name, paths in found.items()}
        return self._homes[base, kind]

    def once(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What was made under this key lately, or is made now."""
        if key not in self._made:
            if len(self._made) >= LATELY:
                self._made.clear()
            self._made[key] = make()
        return cast("Value", self._made[key])

    def swept(self, key: Hashable, trees: tuple[str, str], scope: Scope, one: Callable[[str, str], Value | None]) -> Mapping[str, Value]:
        """Path -> what `one(path, blob)` says, of every file of the scope in the first of `trees` (tree, base) of which it says something.

        `key` names what is asked: `one` must be the same function of path and blob for the same key and base.
        """
        tree, left = trees[0], self.left_out(trees[1])
        files, state = self.files(tree), self._swept.get((key, trees[1]))
        found: dict[str, object] = dict(state.found) if state else {}
        links = linked(files)
        for path in self.changed(state.tree, tree) if state else files:
            found.pop(path, None)
            oid = files.get(path)
            if oid is None or not scope.holds(path) or path in links or left(path):
                continue
            value = one(path, oid)
            if value is not None:
                found[path] = value
        self._swept[key, trees[1]] = _Swept(tree, found)
        return found  # type: ignore[return-value]


class Scope(msgspec.Struct, frozen=True):
    """Files by globs. `code`: only those that Python would import."""

    paths: tuple[str, ...]
    but: tuple[str, ...] = ()
    code: bool = False

    def holds(self, path: str) -> bool:
        return (not self.code or path.endswith((".py", ".pyi"))) and within(path, self.paths, self.but)


def linked(files: Mapping[str, str]) -> frozenset[str]:
    """Paths that are links, where the listing has `links` (those of a run's record do); a plain mapping tells of none."""
    return cast("frozenset[str]", getattr(files, "links", frozenset()))


def _apart(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """A listing with `apart` compares folder by folder, and says None of one that it can't be compared with so."""
    told = new.apart(old) if hasattr(new, "apart") else None
    return frozenset(_differing(old, new)) if told is None else cast("frozenset[str]", told)


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    yield from (path for path, oid in new.items() if old.get(path) != oid)
    yield from (path for path in old if path not in new)
