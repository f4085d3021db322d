"""A life read once from end to end: its turns with views, replies, calls and trees, and the words of its parts."""

from __future__ import annotations

import msgspec

from harness.core.agent import Stop
from harness.core.chat import PartId
from harness.core.events import (
    AgentStopped,
    Entry,
    Event,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PromptCounted,
    PromptRendered,
    RequestGiven,
    SlotWaited,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialStarted,
    TurnYielded,
    ViewEdited,
)
from harness.core.facts import ModelFacts
from harness.core.lived import StepEnded
from harness.core.parts import spliced
from harness.metrics.context.scene import Turn
from harness.metrics.context.seen.calling import Calling
from harness.metrics.context.seen.draft import Draft
from harness.metrics.context.seen.life import Get
from harness.metrics.context.seen.spoken import Spoken, spoken

_FOR_THE_NEXT = (SlotWaited, PromptRendered, ViewEdited, RequestGiven, PartAdded, TrialStarted, ModelOpened)
"""Between an answer and the next question these belong to the question."""


class Told(msgspec.Struct, frozen=True):
    """What a life says. `thoughts`: of each turn, whether earlier reasoning was in its prompt (None: not known); `given`: (index, message),
    `requests`: their ids.

    `made`: part -> the turn whose reply it is of.
    """

    turns: tuple[Turn, ...]
    parts: dict[PartId, Spoken]
    made: dict[PartId, int]
    thoughts: tuple[bool | None, ...]
    given: tuple[tuple[int, str], ...]
    requests: tuple[str, ...]
    facts: ModelFacts
    base: str
    stop: Stop | None
    started: TrialStarted | None


def told(trace: Trace, get: Get) -> Told:
    """Raises StoreError where words are gone from the record."""
    return _Reading(get, asks=any(isinstance(entry.event, ModelAsked) for entry in trace)).read(trace)


class _Reading:
    """One pass. An agent that asks nobody has a turn for every call, because something must stand for the order of its work."""

    def __init__(self, get: Get, *, asks: bool) -> None:
        self._get, self._asks = get, asks
        self._drafts: list[Draft] = []
        self._parts: dict[PartId, Spoken] = {}
        self._made: dict[PartId, int] = {}
        self._ids: tuple[PartId, ...] = ()
        self._edits: list[ViewEdited] = []
        self._given: list[tuple[int, str]] = []
        self._requests: list[str] = []
        self._named: dict[str, int] = {}
        self._facts = ModelFacts("", "")
        self._started: TrialStarted | None = None
        self._base = self._tree = ""
        self._stop: Stop | None = None
        self._lost: bool | None = None
        self._next: int | None = None

    def read(self, trace: Trace) -> Told:
        for entry in trace:
            self._world(entry.event)
            self._conversation(entry)
            self._work(entry)
            self._bound(entry)
        turns = tuple(draft.turn(self._parts) for draft in self._drafts)
        thoughts = tuple(draft.thoughts() for draft in self._drafts)
        return Told(turns, self._parts, self._made, thoughts, tuple(self._given), tuple(self._requests), self._facts, self._base, self._stop, self._started)

    @property
    def _now(self) -> Draft | None:
        return self._drafts[-1] if self._drafts else None

    def _world(self, event: Event) -> None:
        match event:
            case TrialStarted():
                self._started = self._started or event
            case ModelOpened(facts=facts):
                self._facts = facts
            case RequestGiven(request=request, index=index, message=name):
                self._given.append((index, name))
                self._requests.append(request)
            case AgentStopped(stop=stop):
                self._stop = stop
            case StepEnded(stop=stop):
                self._stop = stop
                if self._now:
                    self._now.over = True
            case TreeSeen(tree=tree):
                self._seen(tree)
            case _:
                pass

    def _seen(self, tree: str) -> None:
        self._tree, now = tree, self._now
        if now is None:
            self._base = tree
        else:
            now.seen(tree)

    def _conversation(self, entry: Entry) -> None:
        now = self._now
        match entry.event:
            case ViewEdited() as event:
                self._edits.append(event)
            case PromptRendered(thinking_lost=lost):
                self._lost = lost
            case ModelAsked() as event:
                self._asked(entry.seq, event)
            case ModelFailed() as event if now:
                now.failed.append(event)
            case ModelReplied() as event if now:
                now.replied = event
                self._made |= dict.fromkeys(event.parts, now.number)
            case PromptCounted(tokens=tokens) if now:
                now.counted = tokens
            case TurnYielded(claim=claim) if now:
                now.yielded, now.claim = True, claim or now.claim
            case _:
                pass

    def _asked(self, seq: int, event: ModelAsked) -> None:
        """A question put once more after a fault is of the same turn."""
        self._ids = spliced(self._ids, event.splices)
        now = self._now
        if now is None or now.asked is None or now.asked.turn != event.turn:
            self._open(seq)
        draft = self._drafts[-1]
        draft.asked, draft.view, draft.lost = event, self._ids, self._lost
        self._lost = self._stop = None

    def _open(self, seq: int) -> None:
        stage = self._given[-1][0] if self._given else 1
        first = self._next if self._next is not None else seq
        self._drafts.append(Draft(len(self._drafts) + 1, (first, seq), stage, tuple(self._edits), self._facts, self._tree))
        self._edits, self._next = [], None

    def _work(self, entry: Entry) -> None:
        match entry.event:
            case ToolCalled() as event:
                self._called(entry.seq, event)
            case ToolReturned() as event if self._now and self._now.calls:
                self._now.calls[-1].returned(entry.seq, event)
                self._now.claim = event.claim or self._now.claim
            case PartAdded() as event:
                self._added(event)
            case _:
                pass

    def _called(self, seq: int, event: ToolCalled) -> None:
        if not self._asks:
            self._open(seq)
        count = self._named[event.id] = self._named.get(event.id, 0) + 1
        name = event.id if count == 1 else f"{event.id}#{count}"
        if self._now:
            self._now.calls.append(Calling(name, event, seq, self._tree, self._get))

    def _added(self, event: PartAdded) -> None:
        now = self._now
        part = spoken(event, self._get, now.number if now else 0)
        self._parts.setdefault(event.id, part)
        call = now.calls[-1] if now and now.calls else None
        if call is not None and call.unshown and part.kind == "output":
            call.shown(part.id, part.text)

    def _bound(self, entry: Entry) -> None:
        """First and last entries of turns: what comes between an answer and the next question belongs to that."""
        now, event = self._now, entry.event
        if isinstance(event, _FOR_THE_NEXT) and not self._of_now(event):
            self._next = entry.seq if self._next is None else self._next
        elif now is not None:
            now.last = entry.seq

    def _of_now(self, event: Event) -> bool:
        """Parts of a reply come before it is told, parts of an output after it came back."""
        now = self._now
        if not isinstance(event, PartAdded) or now is None:
            return False
        return now.replied is None or any(call.part == event.id for call in now.calls[-1:])
