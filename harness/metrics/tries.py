"""A trace cut into its tries, the latest of them, and what the latest has lived through: a try that goes on has the one before in it."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

import msgspec

from harness.core.events import (
    Event,
    ModelAsked,
    ModelFailed,
    ModelReplied,
    PartAdded,
    PromptCounted,
    RequestGiven,
    SandboxOpened,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialStarted,
)
from harness.core.lived import OutsideKept, PastLived, StepEnded
from harness.core.parts import spliced, splices

Kind = TypeVar("Kind", bound=Event)


def latest(trace: Trace) -> Trace:
    """From the last TrialStarted on; () for an empty trace."""
    each = tries(trace)
    return each[-1] if each else ()


def tries(trace: Trace) -> tuple[Trace, ...]:
    """Every try, in order."""
    starts = [index for index, entry in enumerate(trace) if isinstance(entry.event, TrialStarted)]
    return tuple(trace[here:there] for here, there in pairwise([*starts, len(trace)]))


def of(trace: Trace, kind: type[Kind]) -> tuple[Kind, ...]:
    """All events of one kind, in order."""
    return tuple(entry.event for entry in trace if isinstance(entry.event, kind))


def last(trace: Trace, kind: type[Kind]) -> Kind | None:
    found = of(trace, kind)
    return found[-1] if found else None


def lived(trace: Trace) -> Trace:
    """The latest try with all of its life in this trial: where it goes on from an earlier one, that one up to there comes first.

    Entries keep their `seq`; times follow on one another, and a view's splices are told against the view before the break.
    """
    each = tries(trace)
    return _lived(each, len(each) - 1) if each else ()


def _lived(each: tuple[Trace, ...], index: int) -> Trace:
    now = each[index]
    started = now[0].event
    assert isinstance(started, TrialStarted)
    parent = started.parent
    if parent is None or parent.run != started.key.run or not 1 <= parent.number <= index:
        return now
    return joined(upto(_lived(each, parent.number - 1), parent.turn), now)


_ANSWERS = (ModelReplied, PromptCounted, ModelFailed, ToolReturned, TreeSeen, OutsideKept)
"""What ends with a turn. Words that an agent adds after its tools belong to the question that shows them."""


def upto(trace: Trace, turn: int) -> Trace:
    """One try up to where the tools of `turn` had answered; 0 is before the first question, its request given. Never beyond a graded step."""
    at, end, tool = 0, 0, False
    for index, entry in enumerate(trace):
        event = entry.event
        at = event.turn if isinstance(event, ModelAsked) else at
        if at > turn or isinstance(event, StepEnded):
            break
        shown = tool and isinstance(event, PartAdded)
        if (at and (shown or isinstance(event, _ANSWERS))) or (not at and _opening(event)):
            end = index + 1
        tool = isinstance(event, ToolReturned) or (tool and isinstance(event, TreeSeen))
    return trace[:end]


def _opening(event: Event) -> bool:
    """Whether this is of a try's beginning, which an agent that asks nobody never leaves."""
    match event:
        case TrialStarted() | PastLived() | SandboxOpened(purpose="agent") | RequestGiven(index=1):
            return True
        case TreeSeen(author=author):
            return author in ("start", "harness")
        case _:
            return False


def joined(before: Trace, now: Trace) -> Trace:
    """The lived part of an earlier try, then this one without its beginning and without the parts that are there already.

    The clock stands still while the past is restored, so that no agent is charged for it.
    """
    if not before or not now:
        return now or before
    end = before[-1].at
    shift = end - next((entry.at for entry in now if isinstance(entry.event, PastLived)), now[0].at)
    known = {event.id for event in of(before, PartAdded)}
    ids: tuple[str, ...] | None = _shown(before)
    done = list(before)
    for entry in _fresh(now):
        event = entry.event
        if isinstance(event, PartAdded) and event.id in known:
            continue
        if isinstance(event, ModelAsked) and ids is not None:
            event = msgspec.structs.replace(event, splices=splices(ids, spliced((), event.splices)))
            ids = None
        done.append(msgspec.structs.replace(entry, at=max(end, round(entry.at + shift, 6)), event=event))
    return tuple(done)


def _fresh(now: Trace) -> Trace:
    """All but what a try that goes on says of its beginning: its start, its first looks and the past it was led through."""
    led = next((index for index, entry in enumerate(now) if isinstance(entry.event, PastLived)), len(now))
    skipped = (TrialStarted, PastLived, TreeSeen)
    return tuple(entry for index, entry in enumerate(now) if index > led or not isinstance(entry.event, skipped))


def _shown(before: Trace) -> tuple[str, ...]:
    ids: tuple[str, ...] = ()
    for asked in of(before, ModelAsked):
        ids = spliced(ids, asked.splices)
    return ids
