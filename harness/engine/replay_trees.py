"""Two trees of the same moment, path by path: what noise is, by which rule, and the first path that is none. Pure but for reading."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

from harness.core.recorded import Tree
from harness.engine.noise import Passed, Side, passed_over

LONGEST = 2_000_000
"""Bytes of a file in whose lines noise is looked for; a longer one that differs has parted."""
OWN_RECORDS: Final = "repository records"
FILES: Final = (
    ("bytecode", re.compile(rb"(?:^|/)__pycache__/|\.py[co]$")),
    ("tool cache", re.compile(rb"(?:^|/)\.(?:pytest_cache|pytest_tmp|mypy_cache|ruff_cache|hypothesis)/")),
    ("coverage data", re.compile(rb"(?:^|/)\.coverage(?:\.[\w.-]+)?$")),
    (OWN_RECORDS, re.compile(rb"(?:^|/)\.git/(?:index$|logs/|objects/|refs/|packed-refs$|[A-Z]+_HEAD$)")),
)
"""Paths whose bytes hold times: of sources, of tests, of commits. Whatever is under them is not compared, and counted."""


class Held(Protocol):
    """A file or link of a tree."""

    @property
    def mode(self) -> bytes: ...

    @property
    def oid(self) -> str: ...


class Odd(Protocol):
    """What a git tree can't hold of a path."""

    @property
    def kind(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def oid(self) -> str: ...


class Objects(Protocol):
    """Recorded trees, read back. Every method raises StoreError."""

    def files(self, tree: str) -> Mapping[bytes, Held]: ...

    def oddities(self, extra: str) -> Mapping[str, Odd]: ...

    def content(self, oid: str) -> bytes: ...


class TreeDifference(msgspec.Struct, frozen=True):
    """The first path that differs by no rule, and how many others do. `old` and `new`: its content, None where it is not there.

    `told`: the two are no contents but descriptions.
    """

    path: str
    others: int
    old: bytes | None
    new: bytes | None
    told: bool = False


class Compared(msgspec.Struct, frozen=True):
    """`passed`: (path, difference) for each that a rule explains. `parted` None: nothing else differs."""

    passed: tuple[tuple[str, Passed], ...]
    parted: TreeDifference | None


def compared(recorded: Tree, now: Tree, objects: Objects, sides: tuple[Side, Side]) -> Compared:
    """Ids first; only where they differ are the trees read. Raises StoreError."""
    passed: list[tuple[str, Passed]] = []
    parted: list[TreeDifference] = []
    if recorded.tree != now.tree:
        _files(objects, (recorded.tree, now.tree), sides, (passed, parted))
    if recorded.extra != now.extra:
        _oddities(objects, (recorded.extra, now.extra), (passed, parted))
    if recorded.git != now.git:
        _repository(objects, (recorded.git, now.git), (passed, parted))
    first = msgspec.structs.replace(parted[0], others=len(parted) - 1) if parted else None
    return Compared(tuple(passed), first)


Found = tuple[list[tuple[str, Passed]], list[TreeDifference]]


def _files(objects: Objects, trees: tuple[str, str], sides: tuple[Side, Side], found: Found) -> None:
    old, new = objects.files(trees[0]), objects.files(trees[1])
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before and after and (before.mode, before.oid) == (after.mode, after.oid):
            continue
        rule = _by_name(path)
        if rule:
            found[0].append((_name(path), Passed(rule, _oid(before), _oid(after))))
            continue
        found_by = _by_content(objects, before, after, sides)
        if found_by is None:
            found[1].append(_difference(objects, path, before, after))
        else:
            found[0].extend((_name(path), one) for one in found_by)


def _by_name(path: bytes) -> str:
    return next((rule for rule, pattern in FILES if pattern.search(path)), "")


def _by_content(objects: Objects, before: Held | None, after: Held | None, sides: tuple[Side, Side]) -> tuple[Passed, ...] | None:
    """Text that differs only as output may; None where it is more, or no text."""
    if before is None or after is None or before.mode != after.mode:
        return None
    contents = objects.content(before.oid), objects.content(after.oid)
    if any(b"\0" in content or len(content) > LONGEST for content in contents):
        return None
    old, new = (content.decode("utf-8", "surrogateescape") for content in contents)
    return passed_over(old, new, *sides)


def _difference(objects: Objects, path: bytes, before: Held | None, after: Held | None) -> TreeDifference:
    old, new = (objects.content(one.oid) if one else None for one in (before, after))
    if before and after and before.oid == after.oid:
        return TreeDifference(_name(path), 0, b"mode " + before.mode, b"mode " + after.mode, told=True)
    return TreeDifference(_name(path), 0, old, new)


def _oddities(objects: Objects, extras: tuple[str, str], found: Found) -> None:
    """Modes, empty folders, specials and files too large: none of them holds a time, so only a path's name can excuse it."""
    old, new = objects.oddities(extras[0]), objects.oddities(extras[1])
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if _told_here(before) != _told_here(after):
            _odd_path(path, before, after, found)


def _repository(objects: Objects, states: tuple[str, str], found: Found) -> None:
    """The agent's own .git: what holds times is noise, its settings, hooks and branch are not. Older records have one digest for all of it."""
    if any(len(state) not in (0, 40) for state in states):
        found[0].append((".git", Passed(OWN_RECORDS, states[0][:12], states[1][:12])))
        return
    old, new = (objects.oddities(state) for state in states)
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if _described(before) != _described(after):
            _odd_path(path, before, after, found)


def _odd_path(path: str, before: Odd | None, after: Odd | None, found: Found) -> None:
    folder = "dir" in (before and before.kind, after and after.kind)
    rule = _by_name(path.encode("utf-8", "replace") + b"/" * folder)
    old, new = _described(before), _described(after)
    if rule:
        found[0].append((path, Passed(rule, old, new)))
    else:
        found[1].append(TreeDifference(path, 0, old.encode(), new.encode(), told=True))


def _described(one: Odd | None) -> str:
    return f"{one.kind} of mode {one.mode}, {one.size} bytes, {one.oid or 'no digest'}" if one else "of an everyday mode, or not there"


def _told_here(one: Odd | None) -> tuple[str, str, str]:
    """What only the manifest tells: of a file that the tree holds, too, the content is compared there."""
    if one is None:
        return ("", "", "")
    return one.kind, one.mode, "" if len(one.oid) == 40 else f"{one.size} {one.oid}"


def _oid(one: Held | None) -> str:
    return one.oid[:12] if one else "not there"


def _name(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
