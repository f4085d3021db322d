"""One step of a conversation: an answer or an overflow goes in, and the agent's next wish or its end comes out."""

from __future__ import annotations

from harness.core.agent import Answer, Conversation, Stop, Wish
from harness.core.errors import ContextOverflow


def sent(conversation: Conversation, answer: Answer) -> Wish | Stop:
    """The next wish after an answer, or how the conversation ended; None begins it."""
    try:
        return conversation.send(answer)
    except StopIteration as end:
        return _stop(end.value)


def thrown(conversation: Conversation, fault: ContextOverflow) -> Wish | Stop:
    """The next wish after an overflow, or how the conversation ended. Raises ContextOverflow where the agent lets it pass."""
    try:
        return conversation.throw(fault)
    except StopIteration as end:
        return _stop(end.value)


def _stop(value: object) -> Stop:
    if not isinstance(value, Stop):
        raise TypeError(f"an agent returned {value!r}, expected a Stop")
    return value
