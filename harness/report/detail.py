"""A trial in detail: pure, from its trace, its blobs and the differences of its trees to what a page shows of it, try by try, turn by turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Protocol

import msgspec

from harness.core.blob import Blob
from harness.core.events import (
    Entry,
    ModelAsked,
    ModelReplied,
    PartAdded,
    SlotWaited,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialStarted,
)
from harness.core.trial import Parent
from harness.metrics.spend import Spend, spend
from harness.report.page_items import Item, item, orphan, part, returned
from harness.report.page_words import Get, Shelf, Words, readable

ENDING = -1
"""The number of what came after the last turn: the patch and the grading."""
KINDS = ("model", "tool", "harness", "waiting", "grading")


class Differing(Protocol):
    """A diff as the store hands it out."""

    @property
    def text(self) -> bytes: ...

    @property
    def total(self) -> int: ...


class Sources(msgspec.Struct, frozen=True):
    """Where words and diffs come from."""

    get: Get
    diffs: Callable[[Iterable[tuple[str, str]]], Iterable[Differing]]


class Change(msgspec.Struct, frozen=True):
    """A unified diff of `total` bytes: files, lines added and removed. `cut`: words and counts are of its beginning only."""

    words: Words
    total: int
    files: int = 0
    added: int = 0
    removed: int = 0
    cut: bool = False


class Turn(msgspec.Struct, frozen=True, omit_defaults=True):
    """One turn; 0 is what came before the first, ENDING what came after the last. Tokens as the server told them; seconds by who spent them."""

    number: int
    at: float = 0.0
    seconds: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)
    tokens_in: int | None = None
    tokens_cached: int | None = None
    tokens_out: int | None = None
    window: int | None = None
    stop: str = ""
    items: tuple[Item, ...] = ()
    change: Change | None = None
    bodies: int = 0


class Lane(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of time that one of KINDS spent."""

    kind: int
    start: float
    seconds: float
    turn: int


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    number: int
    began: float
    host: str = ""
    parent: Parent | None = None
    seed: int | None = None
    digests: tuple[tuple[str, str], ...] = ()
    lanes: tuple[Lane, ...] = ()
    turns: tuple[Turn, ...] = ()
    change: Change | None = None


def tries(trace: Trace, shelf: Shelf, sources: Sources) -> Iterator[Try]:
    """Every try of a trial, the first first."""
    starts = [index for index, entry in enumerate(trace) if isinstance(entry.event, TrialStarted)]
    for start, end in pairwise([*starts, len(trace)]):
        yield _told(trace[start:end], shelf, sources)


class _Open:
    """A turn while it is being read."""

    def __init__(self, number: int, at: float, tree: str) -> None:
        self.number, self.at, self.tree = number, at, tree
        self.seconds = [0.0] * len(KINDS)
        self.items: list[Item] = []
        self.asked: ModelAsked | None = None
        self.replied: ModelReplied | None = None
        self.bodies = 0

    def closed(self, change: Change | None) -> Turn:
        usage = self.replied.usage if self.replied else None
        return Turn(
            self.number, round(self.at, 3), tuple(round(figure, 4) for figure in self.seconds),
            usage.input_total if usage else None, usage.cache_read if usage else None, usage.output_total if usage else None,
            self.asked.window if self.asked else None, self.replied.stop if self.replied else "",
            tuple(self.items), change, self.bodies,
        )


class _Reader:
    """Reads the entries of one try in order; what it holds is one try's."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._spent = Spend()
        self._calls: set[str] = set()
        self._waiting: ToolReturned | None = None
        self.tree = self.first_tree = ""
        self.turns = [_Open(0, 0.0, "")]
        self.lanes: list[Lane] = []

    def read(self, entry: Entry) -> None:
        self._time(entry)
        event = entry.event
        turn = self.turns[-1]
        match event:
            case ModelAsked():
                self._ask(event, entry.at)
            case PartAdded():
                turn.items += self._part(event)
            case ToolCalled():
                turn.items += () if event.id in self._calls else (orphan(event, self._shelf),)
            case ToolReturned():
                self.flush()
                self._waiting = event
            case TreeSeen():
                self.first_tree = self.first_tree or event.tree
                self.tree = turn.tree = event.tree
            case _:
                self._else(entry)

    def flush(self) -> None:
        """A result that no part followed is told by itself."""
        if self._waiting:
            self.turns[-1].items.append(returned(self._waiting, None, self._shelf))
            self._waiting = None

    def _else(self, entry: Entry) -> None:
        event = entry.event
        self.flush()
        if type(event).__name__ in ("AgentStopped", "TrialBroke", "TrialInterrupted") and self.turns[-1].number != ENDING:
            self.turns.append(_Open(ENDING, entry.at, self.tree))
        turn = self.turns[-1]
        if isinstance(event, ModelReplied):
            turn.replied = event
        turn.bodies += sum(1 for name in ("body", "bytes") if isinstance(getattr(event, name, None), Blob))
        turn.items += item(event, self._shelf)

    def _ask(self, event: ModelAsked, at: float) -> None:
        self.flush()
        if event.turn != self.turns[-1].number:
            self.turns.append(_Open(event.turn, at, self.tree))
        self.turns[-1].asked = event

    def _part(self, event: PartAdded) -> tuple[Item, ...]:
        told, self._waiting, call = part(event, self._waiting, self._shelf)
        self._calls |= {call} if call else set()
        return told

    def _time(self, entry: Entry) -> None:
        """Seconds since the last entry, charged as the spend charges them, so that lanes and report can't disagree."""
        before, self._spent = self._spent, spend(self._spent, entry)
        if isinstance(entry.event, TrialStarted):
            return
        name = "waiting" if isinstance(entry.event, SlotWaited) else before.doing
        passed: float = getattr(self._spent, f"{name}_s") - getattr(before, f"{name}_s")
        if passed > 0:
            kind = KINDS.index(name)
            self.turns[-1].seconds[kind] += passed
            self._lane(kind, before.last_at, passed)

    def _lane(self, kind: int, start: float, passed: float) -> None:
        last = self.lanes[-1] if self.lanes else None
        turn = self.turns[-1].number
        if last and last.kind == kind and last.turn == turn and start - (last.start + last.seconds) < 1e-3:
            self.lanes[-1] = Lane(kind, last.start, round(start + passed - last.start, 4), turn)
        else:
            self.lanes.append(Lane(kind, round(start, 4), round(passed, 4), turn))


def _told(now: Trace, shelf: Shelf, sources: Sources) -> Try:
    reader = _Reader(shelf)
    for entry in now:
        reader.read(entry)
    reader.flush()
    changes = list(_changes(reader, shelf, sources))
    turns = tuple(turn.closed(change) for turn, change in zip(reader.turns, changes, strict=False))
    started = now[0].event
    assert isinstance(started, TrialStarted)
    names = started.digests.__struct_fields__
    return Try(
        started.number, now[0].at, started.host, started.parent, started.seed,
        tuple((name, getattr(started.digests, name)) for name in names), tuple(reader.lanes), turns, changes[-1],
    )


def _changes(reader: _Reader, shelf: Shelf, sources: Sources) -> Iterator[Change | None]:
    """What each turn changed, and at last what all of them did."""
    ends = [turn.tree or reader.first_tree for turn in reader.turns]
    pairs = list(zip([reader.first_tree, *ends], [*ends, reader.tree], strict=True))
    pairs[-1] = (reader.first_tree, reader.tree)
    for diff in sources.diffs(pairs):
        yield _change(diff, shelf) if diff.total else None


def _change(diff: Differing, shelf: Shelf) -> Change:
    text = diff.text
    return Change(shelf.words(lambda: readable(text)), diff.total, *_tally(text), diff.total > len(text))


def _tally(text: bytes) -> tuple[int, int, int]:
    """Files, lines added, lines removed. What precedes a file's first hunk is git's, whatever it begins with."""
    files = (b"\n" + text).split(b"\ndiff --git ")[1:]
    hunks = [file.partition(b"\n@@")[2] for file in files]
    return len(files), sum(hunk.count(b"\n+") for hunk in hunks), sum(hunk.count(b"\n-") for hunk in hunks)
