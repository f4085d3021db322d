"""The trees of a try with the files that do not parse as they were when they last did, under the trees' own ids."""

from __future__ import annotations

from collections.abc import Mapping

from harness.metrics.context.predicates.sources import Sources, linked
from harness.metrics.context.scene import Turn


class Patched(dict[str, str]):
    """A listing that differs from the recorded one; links stay what they were."""

    links: frozenset[str] = frozenset()


class Whole:
    """Satisfies the port of trees. A tree that comes up twice is read as at its first time; what the agent began with, as it is."""

    def __init__(self, plain: Sources, turns: tuple[Turn, ...], base: str) -> None:
        self._plain = plain
        self._files: dict[str, Mapping[str, str]] = {}
        broken: dict[str, str | None] = {}
        last = base
        for tree in _in_order(turns):
            if tree in self._files or tree == base:
                broken = _still(self.files(tree), plain.files(tree))
            else:
                broken = _followed(plain, (last, tree), broken)
                self._files[tree] = _patched(plain.files(tree), broken)
            last = tree

    def files(self, tree: str) -> Mapping[str, str]:
        return self._files[tree] if tree in self._files else self._plain.files(tree)

    def content(self, oid: str) -> bytes:
        return self._plain.data(oid)


def _in_order(turns: tuple[Turn, ...]) -> list[str]:
    every = [tree for turn in turns for tree in (*(one for call in turn.calls for one in (call.before, call.after)), turn.tree)]
    return [tree for tree, before in zip(every, ["", *every], strict=False) if tree and tree != before]


def _followed(plain: Sources, pair: tuple[str, str], broken: dict[str, str | None]) -> dict[str, str | None]:
    """Paths that do not parse in the second tree of the pair -> the blob that last did, None where none ever did."""
    old, new = (plain.files(tree) for tree in pair)
    found, links = dict(broken), linked(new)
    for path in plain.changed(*pair):
        before = found.pop(path) if path in found else old.get(path)
        oid = new.get(path)
        if oid is not None and path.endswith(".py") and path not in links and plain.module(oid) is None:
            found[path] = before
    return found


def _patched(files: Mapping[str, str], broken: Mapping[str, str | None]) -> Mapping[str, str]:
    """The listing itself where nothing is broken, so that it can still be compared folder by folder."""
    if not broken:
        return files
    made = Patched(files)
    made.links = linked(files)
    for path, oid in broken.items():
        del made[path]
        if oid is not None:
            made[path] = oid
    return made


def _still(whole: Mapping[str, str], files: Mapping[str, str]) -> dict[str, str | None]:
    """What stood broken when the tree came up first."""
    return {} if whole is files else {path: whole.get(path) for path, oid in files.items() if whole.get(path) != oid}
