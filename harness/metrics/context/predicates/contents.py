"""What blobs say, each read and parsed once: as many as there is room for, the longest unused going first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeVar

from harness.metrics.context.predicates import text
from harness.metrics.context.predicates.facts import Module
from harness.metrics.context.predicates.modules import parsed

Value = TypeVar("Value")
ROOM: Final = 32 << 20
"""Bytes of source whose facts are kept; facts take about four times that."""


class Contents:
    """Of the blobs that `content` gives by id."""

    def __init__(self, content: Callable[[str], bytes]) -> None:
        self.data = content
        self._modules: OrderedDict[str, tuple[int, Module | None]] = OrderedDict()
        self._lines: OrderedDict[str, tuple[int, tuple[str, ...]]] = OrderedDict()

    def module(self, oid: str) -> Module | None:
        """None for what does not parse."""
        return self._kept(self._modules, oid, parsed)

    def lines(self, oid: str) -> tuple[str, ...]:
        return self._kept(self._lines, oid, text.lines)

    def _kept(self, shelf: OrderedDict[str, tuple[int, Value]], oid: str, make: Callable[[bytes], Value]) -> Value:
        if oid in shelf:
            shelf.move_to_end(oid)
            return shelf[oid][1]
        data = self.data(oid)
        made = make(data)
        shelf[oid] = (min(len(data), text.MOST), made)
        # Weighed at times only, which bounds what is kept as well.
        weight = sum(size for size, _ in shelf.values()) if len(shelf) % 64 == 0 else 0
        while weight > ROOM and len(shelf) > 1:
            weight -= shelf.popitem(last=False)[1][0]
        return made
