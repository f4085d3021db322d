"""What a trial changed as one unified diff that `git apply` takes: made from base and patch bytes, in a repository that is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from harness.core.errors import StoreError
from harness.core.ports import Patch
from harness.core.tree import Base, own_git
from harness.store.diffs import NOISE
from harness.store.objects import bare, made, write
from harness.store.readback import ALONE, EXECUTABLE, LINK, PLAIN

# Paths are the agent's: git must not refuse those that another file system would take for its own folder.
SETTINGS: Final = ("-c", "core.protectHFS=false", "-c", "core.protectNTFS=false", "-c", "core.quotePath=true", "-c", "diff.renameLimit=0")
HOW: Final = ("-p", "-r", "-M", "--binary", "--full-index", "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
GONE: Final = b"0" * 40


class Unifier:
    """Diffs of one run's trials. Every method raises StoreError."""

    def __init__(self, room: Path) -> None:
        self._room = room
        self._repository = room / "trees.git"
        self._bases: dict[str, str] = {}

    def diff(self, base: Base, patch: Patch) -> bytes:
        """From base to base with the patch laid over it; UTF-8, so that JSON can hold it. Byte code and caches of the runner are left out."""
        before = self._base(base)
        index = self._room / "index"
        shutil.copyfile(self._index(base), index)
        objects = {file.path: made(b"blob", file.data) for file in patch.files if file.kind in ("file", "link")}
        write(self._repository, objects.values())
        rows = [(path, b"0", GONE) for path in (*patch.removed, *(file.path for file in patch.files))]
        rows += [(file.path, _mode(file.kind, file.mode), objects[file.path].oid.encode()) for file in patch.files if file.path in objects]
        self._put(index, [(os.fsencode(path), mode, oid) for path, mode, oid in rows])
        after = self._git("write-tree", index=index).decode().strip()
        plain = self._git("diff-tree", *HOW, before, after, "--", *NOISE)
        return plain if _utf8(plain) else self._git("diff-tree", *HOW, before, after, "--", *NOISE, attributes="* -diff\n")

    def _base(self, base: Base) -> str:
        """The id of its tree, written once."""
        if base.image not in self._bases:
            rows = [(each.path, _mode(each.kind, each.mode), each.oid.encode()) for each in base.entries if each.oid and not own_git(each.path)]
            self._put(self._index(base), rows)
            self._bases[base.image] = self._git("write-tree", index=self._index(base)).decode().strip()
        return self._bases[base.image]

    def _index(self, base: Base) -> Path:
        return self._room / f"index-{base.image.removeprefix('sha256:')[:24]}"

    def _put(self, index: Path, rows: list[tuple[bytes, bytes, bytes]]) -> None:
        """A nested repository's own records can stand in no git tree, and so in no diff."""
        words = b"".join(mode + b" " + oid + b"\t" + path + b"\0" for path, mode, oid in rows if b".git" not in path.lower().split(b"/"))
        self._git("update-index", "-z", "--index-info", index=index, stdin=words)

    def _git(self, *words: str, index: Path | None = None, stdin: bytes = b"", attributes: str = "") -> bytes:
        told = self._room / "attributes"
        told.write_text(attributes)
        where = ("env", *ALONE[1:], f"GIT_INDEX_FILE={index or self._room / 'none'}", "LC_ALL=C")
        argv = (*where, "git", *SETTINGS, "-c", f"core.attributesFile={told}", "--git-dir", str(self._repository), *words)
        try:
            done = subprocess.run(argv, input=stdin, capture_output=True, check=False, cwd=self._room)
        except OSError as fault:
            raise StoreError(f"git could not be started: {fault.strerror}") from fault
        if done.returncode:
            raise StoreError(f"a patch could not be told: git {words[0]}: {done.stderr.decode(errors='replace').strip()[:400]}")
        return done.stdout


@contextmanager
def unifier(run: Path) -> Iterator[Unifier]:
    """Reads the run's objects and never writes there."""
    with tempfile.TemporaryDirectory(prefix="longhaul-patches-") as folder:
        room = Path(folder)
        bare(room / "trees.git")
        (room / "trees.git" / "objects" / "info" / "alternates").write_text(f"{(run / 'trees.git' / 'objects').absolute()}\n", "utf-8")
        yield Unifier(room)


def _mode(kind: str, mode: int) -> bytes:
    if kind == "link":
        return LINK
    return EXECUTABLE if mode & 0o100 else PLAIN


def _utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
