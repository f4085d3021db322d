"""The files of a recorded tree as a mapping that shares its folders with other trees: what did not change is held once and compared at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

from harness.core.errors import StoreError
from harness.store.readback import FOLDER, LINK, MOST_PATHS, Readback


class Folder:
    """One folder, whatever its path: files and links by name, folders below."""

    __slots__ = ("__weakref__", "below", "files", "links", "oid")

    def __init__(self, oid: str) -> None:
        self.oid = oid
        self.files: dict[str, str] = {}
        self.below: dict[str, Folder] = {}
        self.links: frozenset[str] = frozenset()


class Listing(Mapping[str, str]):
    """Path (posix, surrogate escapes) -> blob id of every file and link."""

    def __init__(self, top: Folder) -> None:
        self.top = top
        self._links: frozenset[str] | None = None
        self._count: int | None = None

    def __getitem__(self, path: str) -> str:
        *above, name = path.split("/")
        folder = self.top
        for part in above:
            folder = folder.below[part]
        return folder.files[name]

    def __iter__(self) -> Iterator[str]:
        count = 0
        for start, folder in self._folders():
            count += len(folder.files)
            _bounded(count, self.top.oid)
            for name in folder.files:
                yield start + name

    def __len__(self) -> int:
        if self._count is None:
            self._count = sum(1 for _ in self)
        return self._count

    def __eq__(self, other: object) -> bool:
        return self.top is other.top if isinstance(other, Listing) else super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def links(self) -> frozenset[str]:
        """Paths that are links."""
        if self._links is None:
            self._links = frozenset(start + name for start, folder in self._folders() for name in folder.links)
        return self._links

    def apart(self, other: object) -> frozenset[str] | None:
        """Paths that differ, found folder by folder; None where the other is no listing."""
        if not isinstance(other, Listing):
            return None
        found: set[str] = set()
        waiting: list[tuple[str, Folder, Folder]] = [("", other.top, self.top)]
        while waiting:
            start, old, new = waiting.pop()
            if old is new:
                continue
            found.update(start + name for name in old.files.keys() | new.files.keys() if _parted(name, old, new))
            _bounded(len(found) + len(waiting), new.oid)
            names = old.below.keys() | new.below.keys()
            waiting += [(f"{start}{name}/", old.below.get(name, _NONE), new.below.get(name, _NONE)) for name in names]
        return frozenset(found)

    def _folders(self) -> Iterator[tuple[str, Folder]]:
        waiting, seen = [("", self.top)], 0
        while waiting:
            start, folder = waiting.pop()
            seen += 1
            _bounded(seen, self.top.oid)
            yield start, folder
            waiting += [(f"{start}{name}/", below) for name, below in folder.below.items()]


_NONE = Folder("")


class Listings:
    """Made of one open repository. Folders live as long as some listing holds them."""

    def __init__(self, read: Readback) -> None:
        self._read = read
        self._known: WeakValueDictionary[str, Folder] = WeakValueDictionary()

    def of(self, tree: str) -> Listing:
        """Raises StoreError for a tree that is missing, damaged or unlawful; only folders that no earlier tree had are read."""
        top = self._known.get(tree)
        if top is not None:
            return Listing(top)
        top = self._known[tree] = Folder(tree)
        try:
            waiting = [top]
            while waiting:
                waiting += self._fill(waiting.pop())
        except BaseException:
            # Half a folder must not pass for a whole one the next time.
            self._known = WeakValueDictionary()
            raise
        return Listing(top)

    def _fill(self, folder: Folder) -> list[Folder]:
        """Folders below it that are to be filled, too."""
        fresh, links = [], set()
        for mode, raw, oid in self._read.folder(folder.oid):
            name = raw.decode("utf-8", "surrogateescape")
            if mode != FOLDER:
                folder.files[name] = oid
                links |= {name} if mode == LINK else set()
                continue
            below = self._known.get(oid)
            if below is None:
                below = self._known[oid] = Folder(oid)
                fresh.append(below)
            folder.below[name] = below
        folder.links = frozenset(links)
        return fresh


def _parted(name: str, old: Folder, new: Folder) -> bool:
    return old.files.get(name) != new.files.get(name) or (name in old.links) != (name in new.links)


def _bounded(count: int, tree: str) -> None:
    if count > MOST_PATHS:
        raise StoreError(f"tree {tree} names more than {MOST_PATHS:,} paths")
