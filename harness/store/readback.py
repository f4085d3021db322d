"""Recorded trees read back: every path of a tree and the bytes behind it, through one git process, each object's id checked."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import msgspec

from harness.core.errors import StoreError
from harness.store.objects import made

MOST_PATHS = 1_000_000
"""Of one tree; a few objects of a forged archive can name more paths than any disk holds."""
ALONE = ("env", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1")
"""A repository that came from elsewhere may name a place to fetch missing objects from, and a command to do it with: git must not."""
FOLDER, LINK, EXECUTABLE, PLAIN = b"40000", b"120000", b"100755", b"100644"


class Leaf(msgspec.Struct, frozen=True):
    """A file or link of a tree: git's mode in its own digits, and the id of its content."""

    mode: bytes
    oid: str


class Oddity(msgspec.Struct, frozen=True, array_like=True):
    """What a git tree can't hold of a path: `mode` in octal digits; `oid` an id (40 digits), a sha256 (64), or empty."""

    kind: str
    mode: str
    size: int
    oid: str


class Readback:
    """Answers of one `git cat-file --batch`. Every method raises StoreError for an object that is missing, damaged or no lawful tree."""

    def __init__(self, repository: Path, ask: IO[bytes], answer: IO[bytes]) -> None:
        self._repository, self._ask, self._answer = repository, ask, answer

    def files(self, tree: str) -> dict[bytes, Leaf]:
        """Path -> file or link, in the tree's order."""
        found: dict[bytes, Leaf] = {}
        waiting = [(b"", tree)]
        while waiting:
            above, oid = waiting.pop()
            for mode, name, below in self._rows(oid):
                if mode == FOLDER:
                    waiting.append((above + name + b"/", below))
                else:
                    found[above + name] = Leaf(mode, below)
            if len(found) + len(waiting) > MOST_PATHS:
                raise StoreError(f"{self._repository}: tree {tree} names more than {MOST_PATHS:,} paths")
        return found

    def oddities(self, extra: str) -> dict[str, Oddity]:
        """Path (bytes that are no UTF-8 written as escapes) -> what the tree beside it can't hold."""
        if not extra:
            return {}
        try:
            return msgspec.convert(json.loads(self.content(extra)), dict[str, Oddity])
        except (ValueError, RecursionError, msgspec.ValidationError) as fault:
            raise StoreError(f"{self._repository}: the manifest {extra} can't be read: {fault}") from fault

    def content(self, oid: str) -> bytes:
        """The bytes of a file, or a link's target."""
        return self._object(oid, b"blob")

    def folder(self, oid: str) -> tuple[tuple[bytes, bytes, str], ...]:
        """(mode, name, id) of what lies in one folder of a tree, in its order."""
        return tuple(self._rows(oid))

    def _rows(self, oid: str) -> Iterator[tuple[bytes, bytes, str]]:
        body, at, seen = self._object(oid, b"tree"), 0, set[bytes]()
        while at < len(body):
            end = body.find(b"\0", at)
            mode, _, name = body[at:end].partition(b" ")
            lawful = end > 0 and len(body) >= end + 21 and mode in (FOLDER, LINK, EXECUTABLE, PLAIN)
            if not lawful or name in (b"", b".", b"..") or b"/" in name or name in seen:
                raise StoreError(f"{self._repository}: tree {oid} names {name!r} unlawfully")
            seen.add(name)
            yield mode, name, body[end + 1 : end + 21].hex()
            at = end + 21

    def _object(self, oid: str, kind: bytes) -> bytes:
        try:
            self._ask.write(oid.encode() + b"\n")
            self._ask.flush()
            head = self._answer.readline().split()
            if len(head) != 3:
                raise StoreError(f"{self._repository}: object {oid} is missing")
            body = self._answer.read(int(head[2]))
            self._answer.readline()
        except OSError as fault:
            raise StoreError(f"{self._repository}: can't be read: {fault.strerror}") from fault
        if head[1] != kind or made(kind, body).oid != oid:
            raise StoreError(f"{self._repository}: object {oid} is damaged")
        return body


@contextmanager
def reading(repository: Path) -> Iterator[Readback]:
    """One process for all that is asked inside. Raises StoreError where there is no repository."""
    if not (repository / "HEAD").exists():
        raise StoreError(f"{repository}: no trees were recorded")
    argv = (*ALONE, "git", "--git-dir", str(repository), "cat-file", "--batch")
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Readback(repository, process.stdin, process.stdout)
