"""Trees by hand: a tree is a mapping of paths to texts, and its id is made of what it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from harness.core.predicates import Predicate
from harness.metrics.context.predicates.judge import judged
from harness.metrics.context.predicates.sources import Sources
from harness.metrics.context.predicates.verdict import Judged


class Shelf:
    """Satisfies the port of trees; `put` gives the id of a tree."""

    def __init__(self) -> None:
        self._trees: dict[str, dict[str, str]] = {}
        self._blobs: dict[str, bytes] = {}
        self.read = 0

    def put(self, files: Mapping[str, str | bytes]) -> str:
        rows = {}
        for path, words in files.items():
            data = words.encode() if isinstance(words, str) else words
            oid = hashlib.sha1(data).hexdigest()
            self._blobs[oid] = data
            rows[path] = oid
        tree = hashlib.sha1(repr(sorted(rows.items())).encode()).hexdigest()
        self._trees.setdefault(tree, rows)
        return tree

    def files(self, tree: str) -> Mapping[str, str]:
        return self._trees[tree]

    def content(self, oid: str) -> bytes:
        self.read += 1
        return self._blobs[oid]


def says(predicate: Predicate, files: Mapping[str, str | bytes], base: Mapping[str, str | bytes] | None = None) -> Judged:
    """What the predicate says of these files."""
    shelf = Shelf()
    return judged(predicate, shelf.put(files), shelf.put(base or {}), Sources(shelf))
