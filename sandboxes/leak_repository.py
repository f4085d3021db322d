"""Every git object of an image, wherever it lies: collected from loose files, packs and bundles by what they are, and read by a git of ours.

No index, configuration or alternate of the image is believed: packs are indexed anew, so that an object can't be hidden in one.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import msgspec

from harness.core.errors import TaskError
from sandboxes.docker_history import copy_shallow, environment, git, program, run_git
from sandboxes.leak_pack import entry, pack

LOOSE: Final = re.compile(r"(?P<store>.*?)/?(?P<name>[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?)")
SMALL: Final = re.compile(r"(?P<store>.*)/(?P<name>HEAD|packed-refs|shallow|index|refs/.+)")
PACK_MARKS: Final = (b"PACK\0\0\0\2", b"PACK\0\0\0\3")
BUNDLE: Final = re.compile(rb"# v[23] git bundle\n(?:.*\n)*?\n(?=PACK)")
BUNDLE_HEAD: Final = 1 << 20
ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


class Thing(msgspec.Struct, frozen=True):
    """One git object: `kind` blob, tree, commit or tag."""

    id: str
    kind: str
    data: bytes


class Store:
    """The objects found under one folder of the image, on this machine in `folder`: `git` holds its small files, `twin` a repository of ours."""

    def __init__(self, path: str, folder: Path) -> None:
        self.path = path
        self.files, self.twin, self._packs = folder / "git", folder / "twin", folder / "packs"
        self.faults: list[str] = []
        self._long, self._count = False, 0
        self._loose: list[bytes] = []

    @property
    def empty(self) -> bool:
        return not self._count

    def add_loose(self, name: str, data: bytes) -> None:
        self._long = self._long or len(name) > 41
        self._count += 1
        made = entry(data)
        if made is None:
            self.faults.append(f"a loose object that can't be read ({name.replace('/', '')[:12]})")
        else:
            self._loose.append(made)

    def add_pack(self, data: bytes) -> None:
        keep(self._packs / f"{self._count}.pack", data)
        self._count += 1

    def open(self) -> None:
        """Index the packs; what can't be read is named in `faults`."""
        git(self.files.parent, "init", "--quiet", "--bare", f"--object-format={'sha256' if self._long else 'sha1'}", str(self.twin))
        (self.twin / "objects" / "pack").mkdir(parents=True, exist_ok=True)
        copy_shallow(self.files, self.twin)
        for path in sorted(self._packs.glob("*.pack")):
            self._index(path.read_bytes())
        if self._loose:
            self._index(pack(self._loose, sha256=self._long))
            self._loose.clear()

    def _index(self, data: bytes) -> None:
        try:
            run_git(self.twin, ("index-pack", "--fix-thin", "--stdin"), data)
        except TaskError as fault:
            self.faults.append(fault.complaint.found[-120:])

    def objects(self) -> Iterator[Thing]:
        """Every object, each once, streamed."""
        words = ("cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer")
        with subprocess.Popen((program(), *words), cwd=self.twin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(self.twin)) as child:
            assert child.stdout is not None
            yield from things(child.stdout)
        if child.returncode:
            self.faults.append("objects that git can't read")

    def reach(self, commit: str) -> frozenset[str]:
        """Ids of all that a commit holds, its history included as far as it is here."""
        told = git(self.twin, "rev-list", "--objects", "--missing=allow-any", commit)
        return frozenset(line.split(" ", 1)[0] for line in told.splitlines())


def things(stream: IO[bytes]) -> Iterator[Thing]:
    """Git's batch answers taken apart."""
    while head := stream.readline():
        name, kind, *size = head.split()
        if size:
            data = stream.read(int(size[0]))
            stream.read(1)
            yield Thing(name.decode(), kind.decode(), data)


class Stores:
    """All that a walk over an image finds, in a folder of this machine."""

    def __init__(self, room: Path) -> None:
        self._room = room
        self._held: dict[str, Store] = {}

    def see(self, path: str, data: bytes) -> bool:
        """Take what belongs to a repository; whether the bytes are git's own packed form, in which nothing can be read as it is."""
        if (match := LOOSE.fullmatch(path)) and data[:2] in ZLIB:
            self._at(match["store"].removesuffix("/objects").removesuffix("objects")).add_loose(match["name"], data)
            return True
        if data.startswith(PACK_MARKS):
            folder = path.rpartition("/")[0]
            self._at(folder.removesuffix("/objects/pack") if folder.endswith("/objects/pack") else path).add_pack(data)
            return True
        if data.startswith(b"# v") and (head := BUNDLE.match(data[:BUNDLE_HEAD])):
            self._at(path).add_pack(data[head.end() :])
            return True
        if (match := SMALL.fullmatch(path)) and len(data) < 1 << 26:
            self._small(match["store"], match["name"], data)
        return False

    def _small(self, store: str, name: str, data: bytes) -> None:
        # HEAD comes before the rest of its folder, objects after it: what has no HEAD is no repository's.
        if name == "HEAD" or (store in self._held and (self._held[store].files / "HEAD").is_file()):
            keep(self._at(store).files / name, data)

    def _at(self, path: str) -> Store:
        if path not in self._held:
            self._held[path] = Store(path, self._room / str(len(self._held)))
        return self._held[path]

    def opened(self) -> tuple[Store, ...]:
        """Those that hold anything, ready to be read."""
        held = tuple(store for store in self._held.values() if not store.empty)
        for store in held:
            store.open()
        return held


def keep(path: Path, data: bytes) -> None:
    """A name that the image made up can't lead out of the folder."""
    if ".." in path.parts:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError:
        return  # a file where another has a folder: no repository has both
