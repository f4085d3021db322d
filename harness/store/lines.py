"""Lines of trees for the trials of one run: the base of each image is harvested once, whoever needs it first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import msgspec

from harness.core.machine import PreparedImage
from harness.core.ports import Order, Sandboxes
from harness.core.recorded import Tree
from harness.core.task import Place
from harness.core.tree import Base
from harness.store.alone import alone
from harness.store.bases import from_tar, keep, kept
from harness.store.readback import reading
from harness.store.recorded import RecordedTree
from harness.store.trees import TreeLine


class RunLines(msgspec.Struct, frozen=True):
    """The Lines of the run in `folder`."""

    folder: Path
    sandboxes: Sandboxes

    def base(self, image: PreparedImage, place: Place) -> Base:
        """Raises SandboxError, StoreError."""
        found = kept(self.folder, image.digest)
        if found:
            return found
        with alone(self.folder / "bases.lock"):
            found = kept(self.folder, image.digest)
            return found or self._harvested(image, place)

    def line(self) -> TreeLine:
        return TreeLine(self.folder / "trees.git")

    @contextmanager
    def recorded(self, tree: Tree) -> Iterator[RecordedTree]:
        """Raises StoreError."""
        with reading(self.folder / "trees.git") as read:
            yield RecordedTree(read, tree)

    def _harvested(self, image: PreparedImage, place: Place) -> Base:
        with self.sandboxes.open(Order(image, place, (("run", self.folder.name), ("purpose", "base")))) as sandbox:
            tar = sandbox.harvest(PurePosixPath(image.workdir))
        base, objects = from_tar(image.digest, tar)
        keep(self.folder, base, objects)
        return base
