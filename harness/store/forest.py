"""The trees of a run examined: every object read once and its id reckoned anew, every name followed one step, in one process of git."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from harness.core.errors import StoreError
from harness.store.finding import Find, Finding
from harness.store.inventory import Inventory, Wanted

CHUNK = 1 << 20
LARGEST_TREE = 64 << 20
"""Bytes of one tree object; a folder of a million files has fewer."""
MOST_DEATHS = 20
"""git ends at an object that it can't read; it is started again behind it so often."""
_LINE = 41
_NO_PARTS = {b"40000": "tree", b"160000": ""}


def examine(run: Path, inventory: Inventory, find: Find) -> None:
    """Take up every object of the run's trees; damaged ones, and those named that are not there, are found."""
    if (run / "trees.git" / "objects").is_dir():
        with tempfile.TemporaryDirectory(prefix="longhaul-git-") as plain:
            _Repository(run / "trees.git", Path(plain)).read(inventory, find)
    for each in inventory.lacking():
        what = f"is a {each.found}, not a {each.kind}" if each.found else "is missing or damaged"
        find(Finding("tree", each.place, f"{each.kind} {each.oid} {what}"))


class _Repository:
    """The objects of a repository under a configuration of our own: its own might tell git to fetch what is missing, from anywhere."""

    def __init__(self, folder: Path, plain: Path) -> None:
        for name in ("refs", "objects"):
            (plain / name).mkdir()
        (plain / "HEAD").write_text("ref: refs/heads/none\n", "utf-8")
        self._list = plain / "list"
        own = (f"GIT_DIR={plain}", f"GIT_OBJECT_DIRECTORY={folder.absolute() / 'objects'}", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null")
        self._git_cat = ("env", "LC_ALL=C", *own, "git", "cat-file")

    def read(self, inventory: Inventory, find: Find) -> None:
        """Every object of the list; the one at which git ends is damaged, and git goes on behind it."""
        self._listed(find)
        done, every = 0, self._list.stat().st_size // _LINE
        for _ in range(MOST_DEATHS):
            done += self._from(done, inventory, find)
            if done >= every:
                return
            find(Finding("tree", "trees.git", f"object {self._name(done)} is damaged: git can't read it"))
            done += 1
        find(Finding("tree", "trees.git", f"too damaged to read on: {every - done} objects were not looked at"))

    def _listed(self, find: Find) -> None:
        with self._list.open("wb") as file:
            done = self._git(("--batch-check=%(objectname)", "--batch-all-objects"), stdout=file)
            said = done.communicate()[1].decode("utf-8", "replace").strip()
        if said or done.returncode:
            find(Finding("tree", "trees.git", f"git says: {said.splitlines()[0] if said else 'nothing'}"))

    def _from(self, start: int, inventory: Inventory, find: Find) -> int:
        """How many objects git could read in a row from number `start` on."""
        with self._list.open("rb") as names:
            names.seek(start * _LINE)
            done = self._git(("--batch", "--buffer"), stdin=names, stdout=subprocess.PIPE)
            count = 0
            with done:
                for each in _objects(done.stdout):  # type: ignore[arg-type]
                    _take(each, inventory, find)
                    count += 1
        return count

    def _name(self, number: int) -> str:
        with self._list.open("rb") as names:
            names.seek(number * _LINE)
            return names.read(_LINE - 1).decode("ascii", "replace")

    def _git(self, words: tuple[str, ...], stdout: IO[bytes] | int, stdin: IO[bytes] | None = None) -> subprocess.Popen[bytes]:
        said = subprocess.PIPE if stdin is None else subprocess.DEVNULL
        return subprocess.Popen((*self._git_cat, *words), stdin=stdin, stdout=stdout, stderr=said)


def _take(found: tuple[str, str, str, bytes], inventory: Inventory, find: Find) -> None:
    """An object by its name, kind, id as reckoned, and body where it is a tree."""
    oid, kind, reckoned, body = found
    if not kind:
        find(Finding("tree", "trees.git", f"object {oid} is damaged: git can't read it"))
    elif reckoned != oid:
        find(Finding("tree", "trees.git", f"object {oid} is damaged: its content is that of {reckoned}"))
    else:
        inventory.have(oid, kind)
        try:
            inventory.want(parts(oid, body))
        except StoreError as fault:
            find(Finding("tree", "trees.git", str(fault)))


def _objects(stream: IO[bytes]) -> Iterator[tuple[str, str, str, bytes]]:
    """What git says of one object after another; ends where git ends, the object under way left out."""
    while (line := stream.readline()).endswith(b"\n"):
        words = line.decode("ascii", "replace").split()
        if len(words) != 3:
            yield words[0] if words else "", "", "", b""
            continue
        oid, kind, size = words[0], words[1], int(words[2])
        digest, body, left = hashlib.sha1(f"{kind} {size}\0".encode(), usedforsecurity=False), bytearray(), size
        while left and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
            digest.update(chunk)
            if kind == "tree" and size <= LARGEST_TREE:
                body += chunk
        if left or stream.read(1) != b"\n":
            return
        yield oid, kind, digest.hexdigest(), bytes(body)


def parts(oid: str, body: bytes) -> list[Wanted]:
    """The objects that a tree names: rows of "mode name NUL id". Raises StoreError for a body that is none."""
    found, at = [], 0
    while at < len(body):
        space, end = body.find(b" ", at), body.find(b"\0", at)
        if not at < space < end or len(body) < end + 21:
            raise StoreError(f"tree {oid} can't be read")
        kind = _NO_PARTS.get(body[at:space], "blob")
        if kind:
            found.append(Wanted(body[end + 1 : end + 21].hex(), kind, f"tree {oid}"))
        at = end + 21
    return found
