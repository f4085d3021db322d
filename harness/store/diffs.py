"""Differences between recorded trees, many through one git process: a page asks for tens of thousands of them."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias

import msgspec

from harness.core.errors import StoreError
from harness.store.readback import ALONE

Pair: TypeAlias = tuple[str, str]

CAP = 1_000_000
"""Bytes of one difference that are kept; what is longer is counted, not held."""
NOISE = (":(exclude,glob)**/__pycache__/**", ":(exclude,glob)**/*.pyc", ":(exclude,glob)**/.pytest_cache/**", ":(exclude,glob)**/.pytest_tmp/**")
"""What running Python leaves in a workspace: no work of anybody's."""
AT_ONCE = 64
"""Pairs asked for ahead of the reading: 82 bytes each, far below what a pipe holds, so that neither side waits for the other."""


class Diff(msgspec.Struct, frozen=True):
    """A unified diff as git writes it, up to the cap; `total` counts all its bytes."""

    text: bytes
    total: int


class Diffs:
    """One `git diff-tree --stdin`, started at the first question."""

    def __init__(self, repository: Path, cap: int = CAP) -> None:
        self._repository, self._cap = repository, cap
        self._git: subprocess.Popen[bytes] | None = None
        self._mark = f"end-{secrets.token_hex(12)}\n".encode()
        self._left = bytearray()

    def many(self, pairs: Iterable[Pair]) -> Iterator[Diff]:
        """The difference of each pair of tree ids, in order. Raises StoreError where a tree can't be read."""
        left = iter(pairs)
        while batch := list(islice(left, AT_ONCE)):
            differing = [pair for pair in batch if pair[0] != pair[1]]
            self._ask(differing)
            yield from (self._read(pair) if pair[0] != pair[1] else Diff(b"", 0) for pair in batch)

    def close(self) -> None:
        """End git; a reader that stopped half way leaves it nothing worth waiting for."""
        if self._git:
            self._git.kill()
            self._git.communicate()

    def _ask(self, pairs: list[Pair]) -> None:
        # A line that names no object comes back as it is: it tells where the answer before it ends.
        words = b"".join(f"{old} {new}\n".encode() + self._mark for old, new in pairs)
        if not words:
            return
        self._git = self._git or _started(self._repository)
        try:
            _pipe(self._git.stdin).write(words)
            _pipe(self._git.stdin).flush()
        except BrokenPipeError as fault:
            raise StoreError(f"{self._repository}: git ended while trees were compared") from fault

    def _read(self, pair: Pair) -> Diff:
        # Each answer begins with the two names; where git knows no such tree, that line is missing.
        first = f"{pair[0]} {pair[1]}\n".encode()
        kept, total = bytearray(), 0
        for piece in self._until_mark():
            total += len(piece)
            kept += piece[: max(0, self._cap + len(first) - len(kept))]
        if not kept.startswith(first):
            raise StoreError(f"{self._repository}: the trees {pair[0][:12]} and {pair[1][:12]} can't be compared: one is missing or damaged")
        return Diff(bytes(kept[len(first) :]), total - len(first))

    def _until_mark(self) -> Iterator[bytes]:
        """What git writes up to the mark, in pieces: a line of many megabytes is never held whole."""
        while (end := self._left.find(self._mark)) < 0:
            safe = max(0, len(self._left) - len(self._mark))
            yield bytes(self._left[:safe])
            del self._left[:safe]
            more = os.read(_pipe(self._git.stdout if self._git else None).fileno(), 1 << 16)
            if not more:
                raise StoreError(f"{self._repository}: git ended while trees were compared")
            self._left += more
        yield bytes(self._left[:end])
        del self._left[: end + len(self._mark)]


@contextmanager
def differences(repository: Path, cap: int = CAP) -> Iterator[Diffs]:
    """Diffs of a bare repository for as long as the block lasts."""
    found = Diffs(repository, cap)
    try:
        yield found
    finally:
        found.close()


def _started(repository: Path) -> subprocess.Popen[bytes]:
    """Files over a few megabytes are told as binary: their lines would be nobody's reading. Names stand as they are, but for control characters."""
    config = ("-c", "core.quotePath=false", "-c", "core.bigFileThreshold=8m", "-c", "core.attributesFile=/dev/null")
    how = ("--stdin", "-p", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    command = [*ALONE, "git", *config, "--git-dir", str(repository), "diff-tree", *how, "--", *NOISE]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError as fault:
        raise StoreError(f"git could not be started: {fault.strerror}") from fault


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None
    return end
