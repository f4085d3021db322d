"""Which version of a superseded item a turn acted on: marks of the former and of the present one in what the agent wrote; pure.

A mark is a value or fingerprint that only one of the versions has. It is looked for in added lines, in names of changed files and in
commands, at word borders: `_op` is not in `_operation`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from harness.core.memory import Item
from harness.core.patterns import Expression, PatternError, expression
from harness.metrics.context.done.history import Change, history, text
from harness.metrics.context.scene import Scene


class Mark(msgspec.Struct, frozen=True):
    """`plain`: words that must stand wherever the pattern matches, "" where none can be told; they are looked for first, at no cost."""

    pattern: Expression
    plain: str = ""


class Marks(msgspec.Struct, frozen=True):
    """Of the former and the present version; either may be empty."""

    former: tuple[Mark, ...]
    present: tuple[Mark, ...]


class Acted(msgspec.Struct, frozen=True):
    """What stands in the words that an agent added: marks of the former version, of the present one; `undone`: present ones taken out."""

    former: bool
    present: bool
    undone: bool


def marks(scene: Scene, item: Item) -> Marks | None:
    """None for an item that has no former version."""
    if not item.supersedes and not item.former:
        return None
    items = {one.id: one for one in scene.manifest.items}
    old = items.get(item.supersedes)
    was = {*item.former, *((old.value, *old.fingerprints) if old else ())} - {""}
    now = {item.value, *item.fingerprints} - {""}
    return Marks(_patterns(was - now), _patterns(now - was))


def _patterns(words: Iterable[str]) -> tuple[Mark, ...]:
    return tuple(mark for word in sorted(words) if (mark := marked(word)) is not None)


def marked(word: str) -> Mark | None:
    """A fingerprint as a pattern: literal words at word borders, or after "re:" a regular expression; None for one that cannot be read."""
    left = r"(?<!\w)" if word[0].isalnum() else ""
    right = r"(?!\w)" if word[-1].isalnum() else ""
    try:
        if word.startswith("re:"):
            return Mark(expression(word[3:], lines=True))
        return Mark(expression(f"{left}{re.escape(word)}{right}"), word)
    except PatternError:
        return None


def acted_in(scene: Scene, marks: Marks, changes: Iterable[Change], further: Iterable[str] = ()) -> Acted:
    """Over these changes, and in these further words."""
    found = tuple(changes)
    gained = "\n".join((*further, *(change.path for change in found if not change.old), *(added(scene, change) for change in found)))
    gone = "\n".join(added(scene, change, backwards=True) for change in found)
    return Acted(hit(marks.former, gained), hit(marks.present, gained), hit(marks.present, gone))


def hit(marks: Iterable[Mark], words: str) -> bool:
    """Whether any of them stands in the words."""
    return any(mark.plain in words and mark.pattern.found(words) for mark in marks)


def added(scene: Scene, change: Change, *, backwards: bool = False) -> str:
    """The lines that a change put into its file, each as often as it came; backwards those that it took out."""
    known, key = history(scene).gained, (change.new, change.old) if backwards else (change.old, change.new)
    if key not in known:
        old, new = parted(text(scene, key[0]), text(scene, key[1]))
        before = Counter(old.splitlines())
        kept: list[str] = []
        for line in new.splitlines():
            if before[line]:
                before[line] -= 1
            else:
                kept.append(line)
        known[key] = "\n".join(kept)
    return known[key]


def parted(one: str, other: str) -> tuple[str, str]:
    """Both without the lines that they begin and end with alike: most edits leave most of a file as it was."""
    head = one.rfind("\n", 0, alike(one, other)) + 1
    one, other = one[head:], other[head:]
    tail = alike(one[::-1], other[::-1])
    last = one.find("\n", len(one) - tail) + 1 if tail else 0
    rest = len(one) - last if last else 0
    return one[: len(one) - rest], other[: len(other) - rest]


def alike(one: str, other: str) -> int:
    """Characters that both begin with, found by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low

