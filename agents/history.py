"""What has been said in a conversation, which of it must stay word for word, and how much room it takes; frozen, each step a new one."""

from __future__ import annotations

import msgspec

from agents.window import estimate, total
from harness.core.agent import Answered, Given
from harness.core.chat import Content, Message, Origin, ReplyStop, Role, Text, View, message


class History(msgspec.Struct, frozen=True):
    """`kept`: ids of the system text and of all requests. `made`: how many messages the agent wrote itself.

    `overhead`: tokens by which the last count of the provider differed from our estimate (tool schemas, template, dense text).
    `summary`: id of the summary that stands for forgotten work, or "". `full`: the last reply was cut by the window.
    `restated`: id of the message that said again what must not be lost, or "".
    """

    messages: View
    kept: frozenset[str]
    made: int = 0
    overhead: int = 0
    summary: str = ""
    full: bool = False
    restated: str = ""

    @property
    def tokens(self) -> int:
        """The room taken: counted by the provider up to the last reply, estimated since."""
        return max(0, self.overhead + total(self.messages))

    @property
    def next_id(self) -> str:
        """The id of the next message that the agent writes itself."""
        return f"a{self.made + 1}"


def begun(system: str, first: Given) -> History:
    """The system text and the first request."""
    opening = message("a1", Role.SYSTEM, Origin.HARNESS, Text(system))
    return asked_for(History((opening,), frozenset({opening.id}), made=1), first)


def added(history: History, *messages: Message) -> History:
    return msgspec.structs.replace(history, messages=history.messages + messages)


def asked_for(history: History, given: Given) -> History:
    """With a further request, which stays verbatim from now on."""
    return msgspec.structs.replace(added(history, given.message), kept=history.kept | {given.message.id})


def written(history: History, role: Role, origin: Origin, *contents: Content) -> History:
    """With one more message of the agent's own making."""
    own = message(history.next_id, role, origin, *contents)
    return msgspec.structs.replace(added(history, own), made=history.made + 1)


def said(history: History, words: str) -> History:
    """With words of the harness to the model: a nudge or a notice."""
    return written(history, Role.USER, Origin.HARNESS, Text(words))


def heard(history: History, answered: Answered) -> History:
    """With the reply, and the provider's count of all before it. An empty message is left out: no provider takes it back."""
    reply = answered.message
    longer = added(history, reply) if reply.parts else history
    full = answered.stop is ReplyStop.WINDOW_FULL
    counted = answered.usage.input_total
    if counted is None:
        return msgspec.structs.replace(longer, full=full)
    spoken = answered.usage.output_total
    known = counted + (estimate(reply) if spoken is None else spoken)
    return msgspec.structs.replace(longer, full=full, overhead=known - total(longer.messages))
