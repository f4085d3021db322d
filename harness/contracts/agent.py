"""What every agent must satisfy; each claim plays the agent against made-up answers and gives complaints, none when it holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

import msgspec

from harness.core.agent import Agent, Answered, Ask, Assignment, Claim, Conversation, Edit, Given, Stop, Use, Used, Wish
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
from harness.core.task import Request

Say: TypeAlias = tuple[tuple[Content, ...], ReplyStop] | ContextOverflow
Contract: TypeAlias = Callable[[Agent], tuple[str, ...]]

LONGEST = 400
"""Wishes; an agent that wants more after the model has fallen silent does not end."""
WORK: tuple[Say, ...] = (
    ((Text("I look."), ToolCall("c1", "shell", json.dumps({"command": "ls", "seconds": 0}))), ReplyStop.TOOL),
    ((ToolCall("c2", "read", '{"path": '),), ReplyStop.TOOL),
    ((ToolCall("c3", "nothing_of_that_name", "{}"), ToolCall("c4", "shell", '{"command": "ls", "seconds": 0}')), ReplyStop.TOOL),
    ((Text("cut in the mid"),), ReplyStop.MAX_OUTPUT),
)
OVERFLOW: Say = ContextOverflow("the prompt is too long", prompt_tokens=40_000, window=32_768)


class Played(msgspec.Struct, frozen=True):
    """What was wished, how it ended, and every breach of the rules of views on the way."""

    wishes: tuple[Wish, ...]
    stop: object
    breaches: tuple[str, ...]


class _Stage:
    """Answers wishes, and watches that no message leaves the view without a word."""

    def __init__(self, says: tuple[Say, ...]) -> None:
        self._says, self._names = iter(says), (f"m{k}" for k in count(1))
        self._shown: set[str] = set()
        self._confessed: set[str] = set()
        self.wishes: list[Wish] = []
        self.breaches: list[str] = []

    def given(self) -> Given:
        words = message(next(self._names), Role.USER, Origin.TASK, Text("1. Make the tests pass."))
        return Given(words, Request("task", words.text))

    def step(self, conversation: Conversation, wish: Wish) -> Wish:
        """The next wish; StopIteration when the conversation ends."""
        self.wishes.append(wish)
        match wish:
            case Ask():
                return self._ask(conversation, wish)
            case Use():
                output = ToolOutput(wish.call.id, wish.call.name, f"ran {wish.call.name}", ok=True)
                claim = Claim("all", "") if wish.call.name == "finish" else None
                return conversation.send(Used(message(next(self._names), Role.TOOL, Origin.TOOL, output), ok=True, claim=claim))
            case Edit():
                self._confessed |= {*wish.dropped, *(old for old, _ in wish.replaced)}
        return conversation.send(None)

    def _ask(self, conversation: Conversation, wish: Ask) -> Wish:
        ids = [words.id for words in wish.view]
        gone = self._shown - set(ids) - self._confessed
        self.breaches += [f"{sorted(gone)} left the view without a word"] if gone else []
        self.breaches += ["an id stands twice in a view"] if len(ids) != len(set(ids)) else []
        self._shown = set(ids)
        say = next(self._says, ((Text("I am done."),), ReplyStop.END))
        name = next(self._names)
        if isinstance(say, ContextOverflow):
            return conversation.throw(say)
        parts = tuple(Part(f"{name}.{k}", Origin.MODEL, content) for k, content in enumerate(say[0], 1))
        return conversation.send(Answered(Message(name, Role.ASSISTANT, parts), say[1], Usage()))


def played(agent: Agent, says: tuple[Say, ...]) -> Played:
    """The agent on a small assignment; after the last of `says` the model only says that it is done."""
    stage = _Stage(says)
    tools = tuple(ToolSpec(name, "A tool.") for name in agent.tools())
    conversation = agent(Assignment(stage.given(), tools, 32_768, 4096))
    stop: object = "no end"
    try:
        wish = next(conversation)
        while len(stage.wishes) < LONGEST:
            wish = stage.step(conversation, wish)
    except StopIteration as end:
        stop = end.value
    except ContextOverflow:
        stop = Stop.WINDOW
    conversation.close()
    return Played(tuple(stage.wishes), stop, tuple(stage.breaches))


def says_what_it_is(agent: Agent) -> tuple[str, ...]:
    """Its prose and tools are words, known before it begins; an agent without prose asks nobody."""
    found = [] if agent.name else ["it has no name"]
    found += ["its prompts hold an empty one"] if not all(agent.prompts) else []
    found += ["it names a tool twice"] if len(set(agent.tools())) != len(agent.tools()) else []
    asks = any(isinstance(wish, Ask) for wish in played(agent, ()).wishes)
    return (*found, *(["it asks a model and has no prompts on record"] if asks and not agent.prompts else []))


def ends(agent: Agent) -> tuple[str, ...]:
    """It ends with a Stop: after work, after a model that only talks, and after an overflow it can't mend."""
    ways: tuple[tuple[str, tuple[Say, ...]], ...] = (
        ("after work", WORK), ("when the model only talks", ()), ("when nothing fits the window", (OVERFLOW,) * LONGEST),
    )
    told = ((way, played(agent, says).stop) for way, says in ways)
    return tuple(f"{way} it ended with {stop!r}, not a Stop" for way, stop in told if not isinstance(stop, Stop))


def repeats_itself(agent: Agent) -> tuple[str, ...]:
    """Given the same answers it wishes the same: replay and fork rest on that."""
    once, twice = (msgspec.json.encode(played(agent, (*WORK, OVERFLOW)).wishes) for _ in range(2))
    return () if once == twice else ("the same answers led to other wishes",)


def confesses(agent: Agent) -> tuple[str, ...]:
    """Nothing leaves the view unsaid, not even after an overflow."""
    return tuple(dict.fromkeys((*played(agent, WORK).breaches, *played(agent, (*WORK, OVERFLOW)).breaches)))


def never_runs_cut_calls(agent: Agent) -> tuple[str, ...]:
    """A reply cut by length may hold half a call: none of its calls is run."""
    cut: tuple[Say, ...] = (((ToolCall("half", "shell", '{"command": "rm -r'),), ReplyStop.MAX_OUTPUT),)
    ran = [wish for wish in played(agent, cut).wishes if isinstance(wish, Use) and wish.call.id == "half"]
    return ("a call of a cut reply was run",) if ran else ()


CONTRACTS: tuple[Contract, ...] = (says_what_it_is, ends, repeats_itself, confesses, never_runs_cut_calls)


def complaints(agent: Agent) -> tuple[str, ...]:
    """All that is wrong with an agent, each with the claim it breaks."""
    return tuple(f"{claim.__name__}: {complaint}" for claim in CONTRACTS for complaint in claim(agent))
