"""Structural checks of a refactoring, derived from two trees: what is gone, moved, renamed, and who imports whom. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from task_repos.mine_change import is_source
from task_repos.mine_reading import module_name, taken, written

LARGE: Final = 12
"""Nodes of a definition below which two equal bodies are no sign of a renaming."""
MOST: Final = 200
"""Checks of one kind; a change with more is a rewrite, and the first ones by name stand for it."""


class Demands(msgspec.Struct, frozen=True):
    """What holds afterwards and not before. Places are paths of modules, so that request and checks say the same words.

    `gone` (path, name); `moved` (name, from, to); `renamed` (from, old name, to, new name); `callers` (path of the caller, path of the
    module, name no longer taken from it); `imports` (path, path of the other module, whether it is imported afterwards).
    """

    gone: tuple[tuple[str, str], ...] = ()
    moved: tuple[tuple[str, str, str], ...] = ()
    renamed: tuple[tuple[str, str, str, str], ...] = ()
    callers: tuple[tuple[str, str, str], ...] = ()
    imports: tuple[tuple[str, str, bool], ...] = ()

    @property
    def telling(self) -> bool:
        """Whether something went or moved: a change that only brings new imports is a new feature, no refactoring."""
        return bool(self.gone or self.moved or self.renamed or self.callers or any(not wanted for _, _, wanted in self.imports))


class Reading(msgspec.Struct, frozen=True):
    """A version of the project: `names` by path, `uses` by path, `modules` name -> path."""

    names: dict[str, dict[str, str]]
    uses: dict[str, set[tuple[str, str]]]
    modules: dict[str, str]

    def homes(self, name: str) -> list[str]:
        """The modules that write a name."""
        return sorted(path for path, names in self.names.items() if name in names)


def read(files: Mapping[str, bytes]) -> Reading:
    """All modules that this Python can parse; others say nothing."""
    trees: dict[str, ast.Module] = {}
    for path in sorted(path for path in files if is_source(path)):
        try:
            trees[path] = ast.parse(files[path])
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    modules = {module_name(path): path for path in trees}
    names = {path: {name: shape(node, name) for name, node in written(tree).items()} for path, tree in trees.items()}
    return Reading(names, {path: taken(tree, path, modules) for path, tree in trees.items()}, modules)


def shape(node: ast.stmt, name: str) -> str:
    """A definition without its own name; "" for one too small to be told from others."""
    if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or sum(1 for _ in ast.walk(node)) < LARGE:
        return ""
    return ast.dump(node).replace(f"'{name}'", "''")


def derive(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Demands:
    """The demands that the second tree meets and the first does not."""
    old, new = read(before), read(after)
    lost = [(path, name) for path, names in sorted(old.names.items()) for name in sorted(names) if name not in new.names.get(path, {})]
    if any(path not in new.names for path in old.names if path in after):
        return Demands()  # a module that can't be parsed afterwards: what it lacks is not known
    moved = list(moves(lost, old, new))
    left = [pair for pair in lost if pair not in {(start, name) for name, start, _ in moved}]
    renamed = list(renamings(left, old, new))
    gone = [pair for pair in left if pair not in {(start, name) for start, name, _, _ in renamed}]
    return Demands(
        tuple(gone[:MOST]), tuple(moved[:MOST]), tuple(renamed[:MOST]), tuple(callers(lost, old, new))[:MOST], tuple(imports(old, new, {*old.names, *(end for _, _, end in moved), *(end for _, _, end, _ in renamed)}))[:MOST],
    )  # fmt: skip


def moves(lost: list[tuple[str, str]], old: Reading, new: Reading) -> Iterator[tuple[str, str, str]]:
    """Names that one other module writes now and did not before."""
    for path, name in lost:
        homes = [place for place in new.homes(name) if name not in old.names.get(place, {})]
        if len(homes) == 1:
            yield name, path, homes[0]


def renamings(lost: list[tuple[str, str]], old: Reading, new: Reading) -> Iterator[tuple[str, str, str, str]]:
    """Definitions that are there under exactly one new name, with the same body."""
    fresh = [
        (place, name, body) for place, names in sorted(new.names.items()) for name, body in sorted(names.items())
        if body and name not in old.names.get(place, {})
    ]  # fmt: skip
    for path, name in lost:
        twins = [(place, other) for place, other, body in fresh if body == old.names[path][name] and other != name]
        if len(twins) == 1:
            yield path, name, *twins[0]


def callers(lost: list[tuple[str, str]], old: Reading, new: Reading) -> Iterator[tuple[str, str, str]]:
    """Modules that took a lost name from its old place, are still there and take it no more, not even from a new file of the same module."""
    wanted = set(lost)
    for path in sorted(set(old.uses) & set(new.uses)):
        still = {(module_name(place), name) for place, name in new.uses[path]}
        yield from (
            (path, place, name) for place, name in sorted(old.uses[path] - new.uses[path])
            if (place, name) in wanted and (module_name(place), name) not in still
        )  # fmt: skip


def imports(old: Reading, new: Reading, places: set[str]) -> Iterator[tuple[str, str, bool]]:
    """Dependencies that came (to one of `places`) or went, of modules that are in both trees; a module that is another file now is the same."""
    for path in sorted(set(old.uses) & set(new.uses)):
        ago, now = ({place for place, name in uses[path] if not name} for uses in (old.uses, new.uses))
        known = {module_name(place) for place in ago}
        yield from ((path, place, True) for place in sorted((now - ago) & places) if module_name(place) not in known)
        yield from ((path, place, False) for place in sorted(ago - now) if place in new.names)
