"""Texts on their way into a page: what is long is shown in part, and its whole kept apart until somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from harness.core.blob import Blob

Get = Callable[[Blob], bytes]

INLINE = 40_000
"""Characters of a text that travel with its trial; a longer one becomes a block of its own."""
SHOWN = 12_000
"""Characters shown of such a longer one before it is asked for."""
WHOLE = 64_000_000
"""Characters of one text that a page carries at all; no browser shows more, the record has them."""


class Words(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text. Where `block` is named, `text` is its beginning and the block holds all `size` characters."""

    text: str
    size: int = 0
    block: str = ""


class Shelf:
    """The long texts of one trial, remembered by how to read them again, so that never more than one is in memory."""

    def __init__(self, trial: str, get: Get) -> None:
        self.get = get
        self._trial = trial
        self._later: list[tuple[str, Callable[[], str]]] = []

    def words(self, read: Callable[[], str], known: str | None = None) -> Words:
        """A text that `read` returns, now and when it is asked for again; `known` where it has been read already."""
        text = read() if known is None else known
        if len(text) <= INLINE:
            return Words(text)
        name = f"{self._trial}.{len(self._later) + 1}"
        self._later.append((name, read))
        return Words(text[:SHOWN], len(text), name)

    def blob(self, blob: Blob) -> Words:
        """A blob's bytes as text; what is no UTF-8 is written out."""
        return self.words(lambda: readable(self.get(blob)))

    def rest(self) -> Iterator[tuple[str, str]]:
        """Name and whole text of each block, one at a time."""
        for name, read in self._later:
            yield name, read()[:WHOLE]


def readable(data: bytes) -> str:
    """Bytes as text; those that are no UTF-8 are written out in hexadecimal."""
    return data.decode("utf-8", "backslashreplace")
