"""What a turn changed in the recorded tree, as a labeller reads it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from harness.core.errors import StoreError
from harness.metrics.context.scene import Trees

MOST: Final = 8_000
"""Characters of a file's difference; the whole turn has four times as many at most."""
FILES: Final = 30
LARGEST: Final = 1 << 18
"""Bytes of a file that is compared line by line, which may take the square of them: an agent can write any."""


class Difference(msgspec.Struct, frozen=True):
    """`text`: a unified difference, or in words why there is none."""

    path: str
    text: str


def differences(trees: Trees, before: str, after: str) -> tuple[Difference, ...]:
    """Between two tree ids; none where they are equal or one was not seen."""
    if not before or not after or before == after:
        return ()
    try:
        old, new = trees.files(before), trees.files(after)
    except StoreError:
        return (Difference("", "the tree is gone from the record"),)
    return tuple(_bounded(_each(trees, old, new)))


def _each(trees: Trees, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Difference]:
    changed = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
    for path in changed[:FILES]:
        yield Difference(path, _text(_lines(trees, old.get(path)), _lines(trees, new.get(path))))
    if len(changed) > FILES:
        yield Difference("", f"and {len(changed) - FILES} more files")


def _bounded(found: Iterator[Difference]) -> Iterator[Difference]:
    room = 4 * MOST
    for each in found:
        yield each if len(each.text) <= room else msgspec.structs.replace(each, text="changed; left out here for its length")
        room -= len(each.text)


def _lines(trees: Trees, oid: str | None) -> list[str] | None:
    """None for what is no text, or gone."""
    if oid is None:
        return []
    try:
        data = trees.content(oid)
        return data.decode("utf-8").splitlines() if len(data) <= LARGEST else None
    except (StoreError, UnicodeDecodeError):
        return None


def _text(old: list[str] | None, new: list[str] | None) -> str:
    if old is None or new is None:
        return "changed; no text that can be shown, or too long a one"
    lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
    return cut("\n".join(lines), MOST) if lines else "changed in nothing that shows (mode, end of line or emptiness)"


def cut(text: str, most: int) -> str:
    """Beginning and end, with what is left out counted between them."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters left out ...]\n{text[-half:]}"
