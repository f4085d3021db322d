"""What PID 1 reads for the harness: whole files in pieces, counters, and what differs from the last look at the tree."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from typing import Final

import msgspec

from harness.core.errors import SandboxError
from harness.core.machine import TreeDelta, TreeEntry
from sandboxes.docker_channel import Channel
from sandboxes.docker_frames import (
    MAX_ITEMS,
    decode_error,
    decode_file,
    decode_items,
    decode_look,
    encode_get,
    encode_tree,
)
from sandboxes.docker_readings import COUNTERS

WALK_PATIENCE_S: Final = 300.0
CONTENT_CAP: Final = 8 << 20
HASH_CAP: Final = 256 << 20
BUDGET: Final = 512 << 20
# The warden holds a piece in the container's own memory, which may be small.
PIECE: Final = 4 << 20
COUNTER_LENGTH: Final = 1 << 14

Mark = tuple[str, int, int, str]


class TreeWatch:
    """The looks at one tree. Remembers by digest what was told, so that a touched file is no change."""

    def __init__(self, channel: Channel, root: bytes, *, items: int = MAX_ITEMS, budget: int = BUDGET) -> None:
        self._channel, self._root, self._items, self._budget = channel, root, items, budget
        self._told: dict[bytes, Mark] = {}

    def look(self, *, content: bool) -> TreeDelta:
        """What differs from the last look; without content, paths with kind, mode and size alone. Raises SandboxError."""
        entries: list[TreeEntry] = []
        removed: list[bytes] = []
        truncated, alive = True, 0
        question = encode_tree(self._root, items=self._items, content=CONTENT_CAP if content else 0, budget=self._budget)
        for frame in self._channel.stream("T", question, last="T", patience_s=WALK_PATIENCE_S):
            if frame.kind == "F":
                raise SandboxError(f"the warden could not look at the tree: {os.strerror(decode_error(frame.payload))}")
            if frame.kind == "T":
                truncated, alive = decode_look(frame.payload)
                continue
            for item in decode_items(frame.payload):
                if item.entry is None:
                    removed.append(item.removed)
                    self._told.pop(item.removed, None)
                else:
                    entries.append(item.entry)
        if content:
            entries = [entry for entry in self._with_digests(entries) if self._is_news(entry)]
        return TreeDelta(tuple(entries), tuple(removed), alive, truncated)

    def _with_digests(self, entries: list[TreeEntry]) -> Iterator[TreeEntry]:
        """Files too long to cross at once are read in pieces for their digest, as far as a look's budget goes."""
        left = self._budget
        for entry in entries:
            if entry.kind != "file" or entry.data is not None or entry.size > min(HASH_CAP, left):
                yield entry
                continue
            left -= entry.size
            yield msgspec.structs.replace(entry, sha256=self._digest(entry))

    def _digest(self, entry: TreeEntry) -> str:
        whole = hashlib.sha256()
        try:
            for piece in read_pieces(self._channel, self._root + b"/" + entry.path, HASH_CAP):
                whole.update(piece)
        except OSError:
            return ""  # gone, replaced or grown since the look: the next one tells it
        return whole.hexdigest()

    def _is_news(self, entry: TreeEntry) -> bool:
        mark = (entry.kind, entry.mode, entry.size, entry.sha256)
        known = self._told.get(entry.path) == mark and (entry.kind != "file" or bool(entry.sha256))
        if entry.kind != "dir":
            self._told[entry.path] = mark
        return not known


def read_pieces(channel: Channel, path: bytes, limit: int) -> Iterator[bytes]:
    """A regular file by the agent's rights. Raises OSError, EFBIG where it is over the limit."""
    size, at = 1, 0
    while at < size:
        frame = channel.ask("G", encode_get(path, at, PIECE))
        if frame.kind == "F":
            number = decode_error(frame.payload)
            raise OSError(number, os.strerror(number))
        size, data = decode_file(frame.payload)
        if size > limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        yield data
        if not data:
            return
        at += len(data)


def read_whole(channel: Channel, path: bytes, limit: int) -> bytes:
    """As read_pieces, in one."""
    return b"".join(read_pieces(channel, path, limit))


def read_counters(channel: Channel) -> Iterator[tuple[str, str]]:
    """(path, content) of the counters that this kernel has."""
    for path in COUNTERS:
        frame = channel.ask("G", encode_get(path, 0, COUNTER_LENGTH))
        if frame.kind == "G":
            yield path.decode(), decode_file(frame.payload)[1].decode(errors="replace")
