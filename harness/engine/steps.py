"""A recorded try as its agent knew it: every wish with what came of it, and what it was started with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import TypeAlias

import msgspec

from harness.core.agent import Answer, Answered, Ask, Assignment, Edit, Given, Stop, Use, Used, Wish, Yield
from harness.core.blob import Blob
from harness.core.chat import Message, Part, PartId, Role, ToolCall, ToolSpec
from harness.core.errors import ContextOverflow, Fault, HarnessError
from harness.core.events import (
    AgentStopped,
    Entry,
    GradeRan,
    ModelAsked,
    ModelFailed,
    ModelOpened,
    ModelReplied,
    PartAdded,
    PatchTaken,
    RequestGiven,
    ResourcesSeen,
    SandboxOpened,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialInterrupted,
    TrialStarted,
    TurnYielded,
    ViewEdited,
)
from harness.core.lived import StepEnded
from harness.core.parts import grouped, spliced, whole
from harness.core.task import Limits, Request
from harness.metrics.tries import last, lived, of

Get: TypeAlias = Callable[[Blob], bytes]
MAX_OUTPUT = 32768
"""Tokens that an agent which asks nobody is told it may write."""


class Unanswered(Enum):
    """The try ended before this wish had an answer."""

    NEVER = auto()


Recorded: TypeAlias = Answer | ContextOverflow | Unanswered


class Step(msgspec.Struct, frozen=True):
    """One wish and what came of it; a ContextOverflow is thrown. `seq` is where the wish stands, `turn` that of the last question."""

    seq: int
    turn: int
    wish: Wish
    answer: Recorded


def steps(trace: Trace, get: Get) -> tuple[Step, ...]:
    """Every wish of the latest try with its answer, in order; of a try that goes on from an earlier one of this trial, its wishes first.

    A fork tells its own: what it was led through stands in another trace. A wish that a limit forbade is not on record. Of a task whose
    steps were conversations of their own, those of the first. Raises StoreError.
    """
    return tuple(_Reading(get).steps(_first_conversation(lived(trace))))


def _first_conversation(now: Trace) -> Trace:
    ends = (index for index, entry in enumerate(now) if isinstance(entry.event, StepEnded) and entry.event.stop is not None)
    return now[: next(ends, len(now) - 1) + 1]


def ended(trace: Trace) -> Stop | None:
    """How the latest try's conversation ended (the first, where it had several); None where it did not."""
    now = _first_conversation(lived(trace))
    stopped = last(now, AgentStopped)
    own = last(now, StepEnded)
    return stopped.stop if stopped else own.stop if own else None


class _Reading:
    """One pass over a try."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._parts: dict[PartId, tuple[Role, Part]] = {}
        self._ids: tuple[PartId, ...] = ()
        self._open: tuple[int, int, Wish] | None = None
        self._returned: ToolReturned | None = None
        self._turn = 0

    def steps(self, trace: Trace) -> Iterator[Step]:
        for index, entry in enumerate(trace):
            yield from self._read(entry, trace, index)
        if self._open:
            yield self._closed(Unanswered.NEVER)

    def _read(self, entry: Entry, trace: Trace, index: int) -> Iterator[Step]:
        match entry.event:
            case PartAdded() as event:
                yield from self._part(event)
            case ModelAsked() as event:
                self._asked(entry.seq, event)
            case ModelReplied() as event:
                yield self._closed(_answered(event, self._message(event.message, event.parts)))
            case ModelFailed(fault=Fault.OVERFLOW, will_retry=False) as event:
                yield self._closed(ContextOverflow(event.text, prompt_tokens=event.prompt_tokens, window=event.window))
            case ToolCalled() as event:
                self._open = (entry.seq, self._turn, Use(_call(event, self._get)))
            case ToolReturned() as event:
                self._returned = self._with_claim(event, trace, index)
            case ViewEdited() as event:
                yield Step(entry.seq, self._turn, Edit(event.policy, event.dropped, event.replaced, event.reason), None)
            case TurnYielded() as event:
                yield Step(entry.seq, self._turn, Yield(event.claim), _handed_back(trace[index + 1 :], self._get))
            case _:
                pass

    def _part(self, event: PartAdded) -> Iterator[Step]:
        part = Part(event.id, event.origin, whole(event, self._get))
        self._parts[event.id] = (event.role, part)
        if self._returned is not None:
            answer = Used(Message(_owner(event.id), event.role, (part,)), self._returned.ok, self._returned.claim)
            self._returned = None
            yield self._closed(answer)

    def _asked(self, seq: int, event: ModelAsked) -> None:
        """A question put once more after a fault is the same wish."""
        self._ids, self._turn = spliced(self._ids, event.splices), event.turn
        if self._open is None:
            self._open = (seq, event.turn, Ask(grouped(self._ids, self._parts)))

    def _closed(self, answer: Recorded) -> Step:
        assert self._open
        (seq, turn, wish), self._open = self._open, None
        return Step(seq, turn, wish, answer)

    def _message(self, name: str, ids: tuple[PartId, ...]) -> Message:
        return Message(name, Role.ASSISTANT, tuple(self._parts[ident][1] for ident in ids))

    def _with_claim(self, event: ToolReturned, trace: Trace, index: int) -> ToolReturned:
        """Older records tell the claim of `finish` only where the turn was handed back for it."""
        assert self._open
        wish = self._open[2]
        if event.claim is not None or not event.ok or not isinstance(wish, Use) or wish.call.name != "finish":
            return event
        later = next((entry.event for entry in trace[index:] if isinstance(entry.event, (TurnYielded, ModelAsked))), None)
        return msgspec.structs.replace(event, claim=later.claim) if isinstance(later, TurnYielded) else event


_GRADING = (StepEnded, TreeSeen, PatchTaken, SandboxOpened, GradeRan, ResourcesSeen)
"""What a step's end puts between a turn handed back and its answer."""


def _handed_back(after: Trace, get: Get) -> Recorded:
    """What answered a turn handed back, which stands right after it or after a step's grading: another request, nothing, or the try's end."""
    if after and isinstance(after[0].event, StepEnded) and after[0].event.stop is not None:
        return None
    at = next((index for index, entry in enumerate(after) if not isinstance(entry.event, _GRADING)), len(after))
    if at == len(after) or isinstance(after[at].event, (TrialBroke, TrialInterrupted)):
        return Unanswered.NEVER
    return given(after[at : at + 2], get)


def given(trace: Trace, get: Get) -> Given | None:
    """The first request given here, with the message that carried it; None where there is none. Raises StoreError."""
    parts: list[tuple[str, Part]] = []
    for entry in trace:
        match entry.event:
            case PartAdded() as event:
                parts.append((_owner(event.id), Part(event.id, event.origin, whole(event, get))))
            case RequestGiven(request=request, message=name):
                words = Message(name, Role.USER, tuple(part for owner, part in parts if owner == name))
                return Given(words, Request(request, words.text))
            case _:
                pass
    return None


def _owner(ident: PartId) -> str:
    return ident.rsplit(".", 1)[0]


def _answered(event: ModelReplied, message: Message) -> Answered:
    return Answered(message, event.stop, event.usage, tuple(text for text, _ in event.malformed))


def _call(event: ToolCalled, get: Get) -> ToolCall:
    raw = event.raw_arguments if event.blob is None else get(event.blob).decode("utf-8", "surrogatepass")
    return ToolCall(event.id, event.name, raw)


def assignment(trace: Trace, get: Get, specs: tuple[ToolSpec, ...]) -> Assignment:
    """What the agent of the latest try was started with; `specs` are today's tools of that agent.

    For a fork: of the trace that it was forked from. Raises StoreError, and HarnessError where the agent never began.
    """
    now = lived(trace)
    first = given(now, get)
    if first is None:
        raise HarnessError("the try ended before its agent began")
    limits = _limits(now)
    told = limits if limits.tell else None
    asked = next(iter(of(now, ModelAsked)), None)
    if asked is not None:
        names = asked.tools.split(",")
        return Assignment(first, tuple(spec for spec in specs if spec.name in names), asked.window, asked.max_output, told)
    opened = last(now, ModelOpened)
    if opened is None:
        return Assignment(first, specs, None, MAX_OUTPUT, told)
    window = opened.facts.window
    known = [tokens for tokens in (window.asked, window.granted) if tokens]
    tools = specs if "tools" in opened.facts.capabilities else ()
    return Assignment(first, tools, min(known, default=None), opened.facts.max_output, told)


def _limits(now: Trace) -> Limits:
    started = last(now, TrialStarted)
    return msgspec.json.decode(started.limits, type=Limits) if started else Limits()
