"""What one try works on: its sandbox and the line of its trees, from the first look to the last."""

from __future__ import annotations

import msgspec

from harness.core.blob import Blob
from harness.core.events import SandboxOpened, ShellState, TreeSeen
from harness.core.lived import OutsideKept, OutsideSeen
from harness.core.machine import PreparedImage, TreeDelta
from harness.core.parts import plain
from harness.core.ports import Blobs, Order, Sandbox
from harness.core.recorded import Lines, Tree, Trees
from harness.core.tree import Base
from harness.engine.fork import Past
from harness.engine.recorder import Recorder
from harness.engine.restore import restore

NAMED = 200
"""Paths outside the workspace that an event names."""


class Bench:
    """One try's sandbox and trees. `forkable`: keep the machine whenever it differs outside the workspace."""

    def __init__(self, sandbox: Sandbox, trees: Trees, record: Recorder, blobs: Blobs, *, forkable: bool) -> None:
        self.sandbox, self.trees = sandbox, trees
        self._record, self._blobs, self._forkable = record, blobs, forkable
        self._environment, self._ran, self._worked, self._held = b"", False, False, False

    def open(self, base: Base, lines: Lines, past: Past | None) -> None:
        """The first look, and where this try goes on from another the restored workspace. Raises SandboxError, StoreError."""
        self._record(SandboxOpened("agent", self.sandbox.facts))
        kept = past is not None and bool(past.image)
        # A kept machine is no image whose files are known: all of its workspace is read.
        look = self.sandbox.changes() if kept else self.sandbox.prime()
        first = self.trees.follow(look) if kept else self.trees.start(base, look)
        self._seen(first, msgspec.structs.replace(look, entries=(), removed=()), "start")
        if past is not None:
            self._restored(past, first, base, lines)

    def _restored(self, past: Past, first: Tree, base: Base, lines: Lines) -> None:
        modes = {entry.path: entry.mode for entry in base.entries}
        done = restore(past.tree, first, modes, lines, (self.sandbox, self.trees))
        if past.shell:
            self.sandbox.restore(past.shell)
            self._environment = _joined(past.shell.environment)
        self._seen(done.tree, done.look, "harness")
        event = past.event
        self._record(msgspec.structs.replace(event, lost=tuple(map(plain, (*event.lost, *done.lost)))))

    def look(self, author: str) -> None:
        """Record the tree as it is now, after a tool."""
        self._ran = self._worked = True
        delta = self.sandbox.changes()
        self._seen(self.trees.follow(delta), delta, author)

    def _seen(self, tree: Tree, delta: TreeDelta, author: str) -> None:
        changed, removed = len(delta.entries), len(delta.removed)
        self._record(TreeSeen(tree.tree, tree.extra, tree.git, plain(author), changed, removed, delta.alive, delta.truncated))

    def state(self, state: ShellState | None) -> ShellState | None:
        """A shell's state with its exported variables, where they differ from those last on record."""
        if state is None or not state.kept:
            return state
        now = _joined(self.sandbox.kept().environment)
        if now == self._environment:
            return state
        self._environment = now
        kept: Blob = self._blobs.put(now)
        return msgspec.structs.replace(state, environment=kept)

    def turn_over(self) -> None:
        """After a turn's tools: keep the machine when it differs outside the workspace, and say so when it does no more."""
        if not (self._forkable and self._ran):
            return
        self._ran, turn = False, self._record.spent.turns
        if self.sandbox.outside():
            self._held = True
            self._record(OutsideKept(turn, self.sandbox.keep(f"turn {turn}")))
        elif self._held:
            self._held = False
            self._record(OutsideKept(turn, ""))

    def outside(self) -> None:
        """What the agent leaves behind outside the workspace, where it has run anything and that can be told."""
        paths = self.sandbox.outside() if self._worked else None
        if paths is not None:
            self._record(OutsideSeen(tuple(map(plain, paths[:NAMED])), len(paths)))


def _joined(environment: tuple[bytes, ...]) -> bytes:
    return b"\0".join(environment)


def ordered(order: Order, past: Past | None) -> Order:
    """The order with the machine that was kept in the past in place of the task's own image."""
    if past is None or not past.image:
        return order
    image: PreparedImage = msgspec.structs.replace(order.image, reference=past.image, digest=past.image)
    return msgspec.structs.replace(order, image=image)
