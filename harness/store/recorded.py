"""A recorded tree as a sandbox could hold it: git's tree and the manifest beside it, put together."""

from __future__ import annotations

from harness.core.errors import StoreError
from harness.core.recorded import KeptEntry, Tree
from harness.store.readback import EXECUTABLE, LINK, Leaf, Oddity, Readback

_SHA1 = 40


class RecordedTree:
    """Satisfies core.ports.KeptTree over an open repository."""

    def __init__(self, read: Readback, tree: Tree) -> None:
        self._read, self._tree = read, tree

    def entries(self) -> dict[bytes, KeptEntry]:
        """A path that is no UTF-8 and stands in the manifest alone can't be told byte for byte: its name is that of its escapes."""
        odd = self._read.oddities(self._tree.extra)
        files = self._read.files(self._tree.tree)
        found = {path: _leaf(leaf, odd.get(path.decode("utf-8", "backslashreplace"))) for path, leaf in files.items()}
        told = {path.decode("utf-8", "backslashreplace") for path in files}
        return found | {name.encode(): _alone(one) for name, one in odd.items() if name not in told}

    def repository(self) -> dict[bytes, KeptEntry] | None:
        """Records made before the state was kept name it by a digest of another length."""
        if not self._tree.git:
            return {}
        if len(self._tree.git) != _SHA1:
            return None
        try:
            return {name.encode(): _alone(one) for name, one in self._read.oddities(self._tree.git).items()}
        except StoreError:
            return None

    def content(self, oid: str) -> bytes:
        return self._read.content(oid)


def _leaf(leaf: Leaf, odd: Oddity | None) -> KeptEntry:
    runs, kind = leaf.mode == EXECUTABLE, "link" if leaf.mode == LINK else "file"
    return KeptEntry(kind, int(odd.mode, 8) if odd else None, runs, odd.size if odd else 0, leaf.oid)


def _alone(one: Oddity) -> KeptEntry:
    mode = int(one.mode, 8)
    return KeptEntry(one.kind, mode, bool(mode & 0o100), one.size, one.oid)
