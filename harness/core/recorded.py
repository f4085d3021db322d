"""The ports of recorded trees: their ids, the line of one try, and a tree read back."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from harness.core.machine import PreparedImage, TreeDelta
from harness.core.task import Place
from harness.core.tree import Base


class Tree(msgspec.Struct, frozen=True):
    """Ids on the host's object store, as TreeSeen records them."""

    tree: str
    extra: str
    git: str


class Trees(Protocol):
    """One trial's line of trees. Raises StoreError."""

    def start(self, base: Base, look: TreeDelta) -> Tree:
        """Begin from the image's own files; `look` is the metadata-only first look. Raises SandboxError where they differ."""
        ...

    def follow(self, delta: TreeDelta) -> Tree:
        """The tree after a delta; on return it outlives this process, from its trial's settlement on a power loss, too."""
        ...

    def listing(self) -> dict[str, str]:
        """Path (surrogate escapes) -> git blob id of every file and link of the latest tree."""
        ...


class KeptEntry(msgspec.Struct, frozen=True):
    """A path as the record has it. `mode` None: an everyday one, only whether it can be executed is known (`runs`).

    `oid`: the id of the content (40 hex digits), a sha256 of it (64) where only that was kept, or "".
    """

    kind: str
    mode: int | None
    runs: bool
    size: int
    oid: str


class KeptTree(Protocol):
    """A recorded tree, open for reading. Raises StoreError."""

    def entries(self) -> dict[bytes, KeptEntry]:
        """Path -> what stands there; folders only where a tree of files would not tell them."""
        ...

    def repository(self) -> dict[bytes, KeptEntry] | None:
        """The same of the workdir's own .git, folders included; None where only its digest is on record."""
        ...

    def content(self, oid: str) -> bytes:
        """The bytes of a file or a link's target."""
        ...


class Lines(Protocol):
    def base(self, image: PreparedImage, place: Place) -> Base:
        """What the image holds; made once per image and run. Raises SandboxError, StoreError."""
        ...

    def line(self) -> Trees:
        """A new line of trees for one try of one trial."""
        ...

    def recorded(self, tree: Tree) -> AbstractContextManager[KeptTree]:
        """A tree of this run's record."""
        ...
