"""A try as questions: what each view held in bytes, what was answered, counted or refused; for whoever judges the counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from harness.core.chat import Origin, PartId, Role
from harness.core.events import (
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PromptCounted,
    Splice,
    Trace,
)
from harness.core.facts import ModelFacts
from harness.core.parts import spliced
from harness.metrics.tries import lived
from harness.metrics.window import Asked

ESCAPED = 2
"""A bulky part's bytes are kept as JSON, where quotes and line ends take two: half of its size is what its words have at least."""
SERVES_WINDOWS = ("ollama",)
"""Kinds whose server holds a prompt to the window it was asked for; elsewhere a count beyond or near the window shows nothing."""


class Size(NamedTuple):
    """A part in bytes; `characters` is what a bound on reasoning goes by."""

    bytes: int
    characters: int
    role: Role
    origin: Origin

    @property
    def thinking(self) -> bool:
        return self.origin is Origin.THINKING


class Question(msgspec.Struct, frozen=True):
    """A turn. `view`: ids of the parts sent, `sizes` of them; `kept`: nothing of the last counted view is gone and no template had cause
    to drop reasoning; `reasoning`: characters of it so far; `counted`, `more`: as of PromptCounted; `failed`: (seq, event).
    """

    turn: int
    facts: ModelFacts
    view: tuple[PartId, ...]
    sizes: dict[PartId, Size]
    asked: Asked
    kept: bool
    reasoning: int
    window: int | None
    replied: ModelReplied | None = None
    counted: int | None = None
    more: bool = False
    failed: tuple[tuple[int, ModelFailed], ...] = ()
    seqs: tuple[int, ...] = ()

    @property
    def prompt(self) -> int | None:
        return self.replied.usage.input_total if self.replied else None

    @property
    def output(self) -> int:
        return (self.replied.usage.output_total or 0) if self.replied else 0

    @property
    def bounded(self) -> bool:
        """Whether a count can be held against the window."""
        return self.window is not None and self.facts.kind in SERVES_WINDOWS and self.facts.window_held


def questions(trace: Trace) -> Iterator[Question]:
    """Of what a trial's latest try lived through, each once all that came of its request is known."""
    reading, now = _Reading(), None
    for entry in lived(trace) or trace:
        match entry.event:
            case ModelOpened(facts=facts):
                reading.facts = facts
            case PartAdded() as event:
                reading.add(event)
            case ModelAsked() as event:
                if now is not None and now.turn != event.turn:
                    yield now
                now = reading.ask(event, entry.seq, now)
            case ModelReplied() | ModelFailed() | PromptCounted() if now is not None:
                now = reading.heard(entry.event, entry.seq, now)
            case _:
                pass
    if now is not None:
        yield now


class _Reading:
    """Linear: every part is sized once and every splice counted once."""

    def __init__(self) -> None:
        self.facts = ModelFacts("", "")
        self._sizes: dict[PartId, Size] = {}
        self._view: tuple[PartId, ...] = ()
        self._grown = self._kept = False
        self._added = self._written = self._whole = self._reasoning = self._count = 0
        self._thought = False

    def add(self, event: PartAdded) -> None:
        text = event.content.text
        size = len(text.encode("utf-8", "surrogatepass")) if event.blob is None else event.blob.size // ESCAPED
        characters = len(text) if event.blob is None else event.blob.size
        self._sizes[event.id] = Size(size, characters, event.role, event.origin)
        if event.origin is Origin.THINKING:
            self._reasoning, self._thought = self._reasoning + characters, True

    def ask(self, event: ModelAsked, seq: int, now: Question | None) -> Question:
        """A retry repeats its turn without splices; what the attempts before it failed of stays with the turn."""
        for change in event.splices:
            self._change(change)
        asked = Asked(self._grown, self._added, self._written, self._whole, self._count)
        again = now if now is not None and now.turn == event.turn else None
        return Question(
            event.turn, self.facts, self._view, self._sizes, asked, self._kept, self._reasoning, event.window,
            failed=again.failed if again else (), seqs=(*(again.seqs if again else ()), seq),
        )  # fmt: skip

    def _change(self, change: Splice) -> None:
        gone = self._view[change.at : change.at + change.drop]
        self._whole -= sum(size.bytes for size in map(self._words, gone))
        self._grown, self._kept = self._grown and not gone, self._kept and not gone
        self._count += len(change.insert)
        for size in map(self._words, change.insert):
            self._whole, self._added = self._whole + size.bytes, self._added + size.bytes
            self._written += size.bytes if size.role is Role.ASSISTANT else 0
            if self._thought and size.role is Role.USER:
                self._kept = False
        self._view = spliced(self._view, (change,))

    def _words(self, ident: PartId) -> Size:
        """Reasoning has no bytes here: whether it is sent on is the template's business."""
        size = self._sizes.get(ident, Size(0, 0, Role.USER, Origin.HARNESS))
        return size._replace(bytes=0) if size.thinking else size

    def heard(self, event: ModelReplied | ModelFailed | PromptCounted, seq: int, now: Question) -> Question:
        replace = msgspec.structs.replace
        if isinstance(event, ModelFailed):
            return replace(now, failed=(*now.failed, (seq, event)))
        if isinstance(event, PromptCounted):
            return replace(now, counted=event.tokens, more=event.more, seqs=(*now.seqs, seq))
        if event.usage.input_total is not None:
            # From one counted reply to the next: an edit that came before a failed attempt counts, too.
            self._grown = self._kept = True
            self._added = self._written = self._count = 0
        return replace(now, replied=event, seqs=(*now.seqs, seq))
