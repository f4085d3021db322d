"""A hand-made driver that answers an agent's wishes from a list, and a real folder for its tools."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count

import msgspec
import pytest

from harness.core.agent import Agent, Answered, Ask, Assignment, Claim, Edit, Given, Stop, Use, Used, Wish, Yield
from harness.core.chat import (
    Content,
    Message,
    Origin,
    Part,
    ReplyStop,
    Role,
    Text,
    ToolCall,
    ToolOutput,
    ToolSpec,
    Usage,
    message,
)
from harness.core.errors import ContextOverflow
from harness.core.machine import PreparedImage
from harness.core.ports import Order, Sandbox
from harness.core.task import ImageTag, Limits, Place, Request
from sandboxes.host import create


class Say(msgspec.Struct, frozen=True):
    """A model's reply, without ids."""

    contents: tuple[Content, ...] = ()
    stop: ReplyStop = ReplyStop.END
    usage: Usage = Usage()
    malformed: tuple[str, ...] = ()


class Played(msgspec.Struct, frozen=True):
    """What an agent wished, in order, and how it ended."""

    wishes: tuple[Wish, ...]
    stop: Stop

    @property
    def views(self) -> list[tuple[Message, ...]]:
        return [wish.view for wish in self.wishes if isinstance(wish, Ask)]

    @property
    def edits(self) -> list[Edit]:
        return [wish for wish in self.wishes if isinstance(wish, Edit)]

    @property
    def used(self) -> list[ToolCall]:
        return [wish.call for wish in self.wishes if isinstance(wish, Use)]

    @property
    def claims(self) -> list[Claim | None]:
        return [wish.claim for wish in self.wishes if isinstance(wish, Yield)]


class Tape:
    """Plays `replies` (Say, or ContextOverflow to be thrown in) and answers calls with `result`; checks that nothing leaves a view unsaid."""

    def __init__(self, result: Callable[[ToolCall], str] = lambda call: f"ran {call.name}") -> None:
        self.result = result

    def play(
        self,
        agent: Agent,
        replies: list[Say | ContextOverflow],
        *,
        later: tuple[str, ...] = (),
        window: int | None = None,
        tools: tuple[ToolSpec, ...] = (ToolSpec("shell", "x"),),
        limits: Limits | None = None,
    ) -> Played:
        names = (f"m{k}" for k in count(1))
        conversation = agent(Assignment(given(next(names), "1. do it"), tools, window, 1000, limits))
        wishes: list[Wish] = []
        waiting, requests, shown, confessed = iter(replies), iter(later), set(), set()
        try:
            wish = next(conversation)
            while True:
                wishes.append(wish)
                answer: object = None
                if isinstance(wish, Ask):
                    ids = [m.id for m in wish.view]
                    assert len(ids) == len(set(ids)), "an id occurs twice in a view"
                    gone = shown - set(ids) - confessed
                    assert not gone, f"left out without a word: {gone}"
                    shown = set(ids)
                    reply = next(waiting)
                    if isinstance(reply, ContextOverflow):
                        next(names)
                        wish = conversation.throw(reply)
                        continue
                    answer = heard(next(names), reply)
                elif isinstance(wish, Use):
                    answer = self._used(next(names), wish.call)
                elif isinstance(wish, Edit):
                    confessed |= set(wish.dropped) | {old for old, _ in wish.replaced}
                else:
                    text = next(requests, None)
                    answer = given(next(names), text) if text is not None else None
                wish = conversation.send(answer)  # type: ignore[arg-type]
        except StopIteration as end:
            return Played(tuple(wishes), end.value)

    def _used(self, name: str, call: ToolCall) -> Used:
        claim = None
        if call.name == "finish":
            told = json.loads(call.raw_arguments)
            claim = Claim(told["done"], told["not_done"])
        output = ToolOutput(call.id, call.name, self.result(call), ok=True)
        return Used(message(name, Role.TOOL, Origin.TOOL, output), ok=True, claim=claim)


def given(name: str, text: str) -> Given:
    return Given(message(name, Role.USER, Origin.TASK, Text(text)), Request(name, text))


def heard(name: str, say: Say) -> Answered:
    parts = tuple(Part(f"{name}.{k}", Origin.MODEL, content) for k, content in enumerate(say.contents, 1))
    return Answered(Message(name, Role.ASSISTANT, parts), say.stop, say.usage, say.malformed)


def say(text: str = "", **fields: object) -> Say:
    return Say((Text(text),) if text else (), **fields)  # type: ignore[arg-type]


def call(name: str = "shell", ident: str = "c1", **arguments: object) -> ToolCall:
    return ToolCall(ident, name, json.dumps(arguments))


def act(*calls: ToolCall, **fields: object) -> Say:
    return Say(calls or (call(command="ls", seconds=0),), **{"stop": ReplyStop.TOOL, **fields})  # type: ignore[arg-type]


def finish(done: str = "1", not_done: str = "") -> Say:
    return act(call("finish", "f1", done=done, not_done=not_done))


class Kit:
    """The doubles, for tests that can't import from a conftest."""

    Tape, Say, say, call, act, finish, given, heard = Tape, Say, staticmethod(say), staticmethod(call), staticmethod(act), staticmethod(finish), staticmethod(given), staticmethod(heard)


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A real folder with real processes."""
    with create().open(Order(PreparedImage("", "", "", "", ""), Place(ImageTag("none")))) as opened:
        yield opened


@pytest.fixture
def overflow() -> ContextOverflow:
    return ContextOverflow("prompt is too long", prompt_tokens=40000, window=32768)
