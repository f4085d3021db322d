"""A turn while it is read, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.agent import Claim
from harness.core.chat import PartId, Usage
from harness.core.events import ModelAsked, ModelFailed, ModelReplied, ViewEdited
from harness.core.facts import ModelFacts
from harness.metrics.context.scene import Turn
from harness.metrics.context.seen.calling import Calling
from harness.metrics.context.seen.spoken import Spoken


class Draft:
    """`seqs`: the first entry of the turn, and its question."""

    def __init__(
        self, number: int, seqs: tuple[int, int], stage: int, edits: tuple[ViewEdited, ...], facts: ModelFacts, tree: str
    ) -> None:
        self.number, self._first, self._seq, self._stage, self._edits, self._facts = number, *seqs, stage, edits, facts
        self.last = self._seq
        self.asked: ModelAsked | None = None
        self.view: tuple[PartId, ...] = ()
        self.replied: ModelReplied | None = None
        self.failed: list[ModelFailed] = []
        self.counted: int | None = None
        self.calls: list[Calling] = []
        self.claim: Claim | None = None
        self.yielded = self.over = False
        self.lost: bool | None = None
        self._tree = tree

    def seen(self, tree: str) -> None:
        """After a call that has come back the tree is what it left; at any other time the harness has been at work.

        What it lays down for the next request, once the turn is handed back or its step is over, is of no turn: somebody's work would be charged with it.
        """
        if self.yielded or self.over:
            return
        self._tree = tree
        if self.calls and self.calls[-1].unshown:
            self.calls[-1].seen(tree)

    def thoughts(self) -> bool | None:
        """Whether earlier reasoning was in this prompt; None where nobody can tell."""
        if self.lost is not None:
            return not self.lost
        return self.replied.thinking_kept if self.replied else None

    def turn(self, parts: Mapping[PartId, Spoken]) -> Turn:
        usage = self.replied.usage if self.replied else Usage()
        asked, window = self.asked, self._window()
        own = self.replied.parts if self.replied else ()
        said = "\n".join(parts[ident].text for ident in own if ident in parts and parts[ident].kind == "text")
        return Turn(
            self.number, self._seq, self._stage, self.view, window, asked.max_output if asked else self._facts.max_output,
            tuple(name for name in asked.tools.split(",") if name) if asked else (), usage.input_total, usage.cache_read, usage.output_total,
            usage.output_thinking, self.counted, usage.input_total / window if window and usage.input_total is not None else None,
            self.replied.stop if self.replied else None, self.replied, tuple(self.failed), self._edits, own, said,
            tuple(call.did() for call in self.calls), self._tree, self.claim, self.yielded, (self._first, self.last),
        )  # fmt: skip

    def _window(self) -> int | None:
        """The one asked for, else what the server told it would grant."""
        told = self._facts.window
        return (self.asked.window if self.asked else None) or told.granted or told.asked or told.trained
