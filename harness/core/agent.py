"""An agent as a generator: it yields wishes, is sent what happened, and never touches a model, a sandbox or a clock."""

from __future__ import annotations

from collections.abc import Generator
from enum import StrEnum
from typing import Protocol, TypeAlias

import msgspec

from harness.core.chat import Message, ReplyStop, Role, ToolCall, ToolSpec, Usage, View
from harness.core.task import Limits, Request


class Claim(msgspec.Struct, frozen=True):
    """What the agent says of its work: points done, and points not done with a reason each."""

    done: str
    not_done: str


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Let the model answer this view. Parts not seen before are recorded as added, the rest as splices."""

    view: View


class Use(msgspec.Struct, frozen=True, tag="use"):
    """Run this tool."""

    call: ToolCall


class Edit(msgspec.Struct, frozen=True, tag="edit"):
    """A confession: I changed what the model will see. `replaced` maps message ids to the messages standing in for them."""

    policy: str
    dropped: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()
    reason: str = ""


class Yield(msgspec.Struct, frozen=True, tag="yield"):
    """I think I am done; the answer is the next Request, or None when there is none."""

    claim: Claim | None = None


class Answered(msgspec.Struct, frozen=True):
    """A reply as the agent gets it: the message with its ids, why it ended, and the provider's counts."""

    message: Message
    stop: ReplyStop
    usage: Usage
    malformed: tuple[str, ...] = ()
    """One sentence for each call that could not be read; to be told to the model."""


class Used(msgspec.Struct, frozen=True):
    """A tool's result as the agent gets it: a message of role tool; a `claim` when the tool was `finish`."""

    message: Message
    ok: bool
    claim: Claim | None = None


class Given(msgspec.Struct, frozen=True):
    """A request as the agent gets it: the message with its ids."""

    message: Message
    request: Request


class Stop(StrEnum):
    """Why a conversation ended."""

    ANSWERED = "answered"
    GAVE_UP = "gave_up"
    TURNS = "turns"
    TOOL_CALLS = "tool_calls"
    TOKENS = "tokens"
    COST = "cost"
    TIME = "time"
    WINDOW = "window"
    INTERRUPTED = "interrupted"
    FAULT = "fault"


class Assignment(msgspec.Struct, frozen=True):
    """What an agent starts with. `window` and `max_output` in tokens (None: unknown); `limits` only what it may be told."""

    first: Given
    tools: tuple[ToolSpec, ...]
    window: int | None
    max_output: int
    limits: Limits | None = None


class Mended(msgspec.Struct, frozen=True):
    """A reply of the agent's own that went wrong, by the id of its message. `calls`: (call id, arguments as a worker who forgets nothing
    would have given them); () where nobody knows any: then the exchange goes whole.
    """

    message: str
    calls: tuple[tuple[str, str], ...] = ()


class Aid(msgspec.Struct, frozen=True):
    """What a view may put in or take out beside the digest: made by machine from the task's manifest and the record, never by a model.

    `standing`: (id, words) of every item that holds then. `item`: id of the one in question, "" for none; `words`: its statement; `prints`:
    its fingerprints, as in core.memory.Item; `foreign`: fingerprints of all items, which no filler may hold. `edits`: a line for each of the
    agent's own edits. `mended`: its replies that went wrong. `tokens`: what the provider counted of the view that was really shown, None
    where it did not. `signed`: some of the reasoning shown then is signed by its provider, so no view shows any of that. `question`: what is
    asked of the item, and in which words once more, where the first answer has another form; () for nothing.
    """

    standing: tuple[tuple[str, str], ...] = ()
    item: str = ""
    words: str = ""
    prints: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    edits: tuple[str, ...] = ()
    mended: tuple[Mended, ...] = ()
    tokens: int | None = None
    signed: bool = False
    question: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """What a view knows of a lived past: ids of its messages, the id of the request then worked on, and a digest that may stand for it."""

    past: frozenset[str]
    request: str
    digest: Message
    aid: Aid = Aid()


Wish: TypeAlias = Ask | Use | Edit | Yield
Answer: TypeAlias = Answered | Used | Given | None
Conversation: TypeAlias = Generator[Wish, Answer, Stop]


class Agent(Protocol):
    """Raises into it: ContextOverflow at an Ask; anything else ends the conversation before the agent hears of it."""

    name: str
    prompts: tuple[str, ...]
    """The prose this agent puts before a model, for its digest on record; () for an agent that asks none."""

    def tools(self) -> tuple[str, ...]:
        """Names of the tools it works with."""
        ...

    def __call__(self, assignment: Assignment) -> Conversation: ...


def ask(view: View) -> Generator[Wish, Answer, Answered]:
    """Put the view before the model; returns the reply. Raises ContextOverflow where the window is too small."""
    answer = yield Ask(view)
    if not isinstance(answer, Answered):
        raise TypeError(f"an Ask is answered by Answered, got {type(answer).__name__}")
    return answer


def use(call: ToolCall) -> Generator[Wish, Answer, Used]:
    """Run a tool; returns its result, which may be a failure: that is data, not an exception."""
    answer = yield Use(call)
    if not isinstance(answer, Used):
        raise TypeError(f"a Use is answered by Used, got {type(answer).__name__}")
    return answer


def hand_back(claim: Claim | None = None) -> Generator[Wish, Answer, Given | None]:
    """Hand the turn back; returns the next request, or None when the work is over."""
    answer = yield Yield(claim)
    if answer is not None and not isinstance(answer, Given):
        raise TypeError(f"a Yield is answered by Given or None, got {type(answer).__name__}")
    return answer


def confess(edit: Edit) -> Generator[Wish, Answer, None]:
    """Put a change of the view on record before the next Ask shows it."""
    yield edit


def is_nudge(message: Message) -> bool:
    """A nudge is a user message whose words are the harness's own."""
    return message.role is Role.USER and all(part.origin == "harness" for part in message.parts)
