"""Ask, use, repeat: the one conversation that coder, tool_loop and bash_only share, each with its own manner."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum, auto
from typing import Protocol, TypeAlias

import msgspec

from agents.history import History, added, asked_for, begun, said, written
from agents.nudges import Words
from harness.core.agent import Answer, Answered, Assignment, Claim, Conversation, Stop, Used, Wish, hand_back, use
from harness.core.chat import CUT, Message, Origin, ReplyStop, Role, ToolCall, ToolOutput

Heard: TypeAlias = tuple[History, Answered] | None
"""The history with the reply in it; None when there is no room for the conversation any more."""


CUTS_IN_A_ROW = 3
"""Replies cut in a row that are told back; a model that still runs on has stopped working."""


class Memory(Protocol):
    """How an agent lives with its window."""

    def ask(self, history: History) -> Generator[Wish, Answer, Heard]: ...


def _own_calls(answered: Answered) -> tuple[ToolCall, ...]:
    return answered.message.calls


def _as_delivered(_ident: str, used: Used) -> Message:
    return used.message


def _never(_answered: Answered) -> Claim | None:
    return None


def _none(_history: History, _call: ToolCall) -> str:
    return ""


class Manner(msgspec.Struct, frozen=True):
    """What one agent does differently from another.

    `calls` reads the commands of a reply, `shown` is how a result enters the view (the id is for a message of the agent's own),
    `finished` reads the end of the work from a reply without calls. `declined` says why a call is not run, "" for one that is.
    """

    system: str
    words: Words
    memory: Memory
    nudges: int = 2
    calls: Callable[[Answered], tuple[ToolCall, ...]] = _own_calls
    shown: Callable[[str, Used], Message] = _as_delivered
    finished: Callable[[Answered], Claim | None] = _never
    declined: Callable[[History, ToolCall], str] = _none


class Work(msgspec.Struct, frozen=True):
    """Where a conversation stands. `nudges` of this request; `cuts` in a row; `used`: a tool has ever been used."""

    history: History
    nudges: int = 0
    cuts: int = 0
    used: bool = False


Step: TypeAlias = Generator[Wish, Answer, Work | Stop]


class Course(Enum):
    """What a reply calls for."""

    REFUSED = auto()
    PAUSED = auto()
    CUT = auto()
    ACT = auto()
    SILENT = auto()


def course(answered: Answered, calls: tuple[ToolCall, ...]) -> Course:
    """Refusals and cuts come before calls: calls of such replies are never run."""
    if answered.stop is ReplyStop.REFUSAL:
        return Course.REFUSED
    if answered.stop in CUT:
        return Course.CUT
    if calls or answered.malformed:
        return Course.ACT
    return Course.PAUSED if answered.stop is ReplyStop.PAUSED else Course.SILENT


def converse(assignment: Assignment, manner: Manner) -> Conversation:
    """The whole conversation, from the first request to the end of the last."""
    step: Work | Stop = Work(begun(manner.system, assignment.first))
    while isinstance(step, Work):
        step = yield from _turn(step, manner)
    return step


def _turn(work: Work, manner: Manner) -> Step:
    heard = yield from manner.memory.ask(work.history)
    if heard is None:
        return Stop.WINDOW
    history, answered = heard
    work = msgspec.structs.replace(work, history=history)
    calls = manner.calls(answered)
    match course(answered, calls):
        case Course.REFUSED:
            return Stop.GAVE_UP
        case Course.PAUSED:
            return work
        case Course.CUT:
            return (yield from _tell_cut(work, answered, manner))
        case Course.ACT:
            return (yield from _act(work, answered, calls, manner))
        case Course.SILENT:
            return (yield from _listen(work, answered, manner))


def _act(work: Work, answered: Answered, calls: tuple[ToolCall, ...], manner: Manner) -> Step:
    """Run the calls in order; tell which could not be read; hand back when one of them was `finish`."""
    history, claim = work.history, None
    for call in calls:
        if reason := manner.declined(history, call):
            history = written(history, Role.TOOL, Origin.HARNESS, ToolOutput(call.id, call.name, reason, ok=False))
            continue
        used = yield from use(call)
        history = _with_result(history, manner.shown(history.next_id, used))
        claim = used.claim or claim
    if answered.malformed:
        history = said(history, manner.words.malformed_calls(answered.malformed))
    work = msgspec.structs.replace(work, history=history, cuts=0, used=work.used or bool(calls))
    return work if claim is None else (yield from _hand_back(work, claim))


def _with_result(history: History, result: Message) -> History:
    longer = added(history, result)
    return msgspec.structs.replace(longer, made=history.made + (result.id == history.next_id))


def _listen(work: Work, answered: Answered, manner: Manner) -> Step:
    """A reply without a call: the end where the agent's manner says so, else a nudge, else the turn goes back."""
    claim = manner.finished(answered)
    if claim is not None:
        return (yield from _hand_back(work, claim))
    if work.nudges < manner.nudges:
        history = said(work.history, manner.words.nudge)
        return msgspec.structs.replace(work, history=history, nudges=work.nudges + 1, cuts=0)
    return (yield from _resign(work))


def _tell_cut(work: Work, answered: Answered, manner: Manner) -> Step:
    """None of a cut reply's calls is run. Every call gets an answer all the same, because providers demand one."""
    if work.cuts >= CUTS_IN_A_ROW:
        return (yield from _resign(work))
    history = work.history
    for call in answered.message.calls:
        output = ToolOutput(call.id, call.name, manner.words.cut_call, ok=False)
        history = written(history, Role.TOOL, Origin.HARNESS, output)
    if not answered.message.calls:
        history = said(history, manner.words.cut)
    return msgspec.structs.replace(work, history=history, cuts=work.cuts + 1)


def _resign(work: Work) -> Step:
    """The model has stopped calling tools: over at once if it never did, else the turn goes back without a claim."""
    if not work.used:
        return Stop.GAVE_UP
    return (yield from _hand_back(work, None))


def _hand_back(work: Work, claim: Claim | None) -> Step:
    given = yield from hand_back(claim)
    if given is None:
        return Stop.ANSWERED
    return msgspec.structs.replace(work, history=asked_for(work.history, given), nudges=0, cuts=0)
