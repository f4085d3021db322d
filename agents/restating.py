"""Says again what must not be lost: one message at the end of the view after a compaction, in the place of the one before it; confessed."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from agents.forgetting import Step
from agents.history import History
from agents.window import CHARACTERS_PER_TOKEN
from harness.core.agent import Edit, confess
from harness.core.chat import Content, Message, Origin, Part, Role
from harness.core.errors import PlanError

Said: TypeAlias = tuple[tuple[Origin, Content], ...]
MOST = 8_000
"""Characters said again, however large the window: about 2,000 tokens."""


def room(window: int | None, share: float) -> int:
    """Characters that may be said again: a share of the window, and never more than MOST. Raises PlanError for a share that is none."""
    return MOST if window is None else min(MOST, int(share * window * CHARACTERS_PER_TOKEN))


def checked_share(share: float) -> None:
    """More than a quarter would leave no room between the marks. Raises PlanError."""
    if not 0 < share <= 0.25:
        raise PlanError("", "agent.share", str(share), "above 0, at most 0.25")


def latest(history: History) -> Message | None:
    """The message that says it now; None where none was needed yet, or where the compaction took it."""
    return next((message for message in history.messages if message.id == history.restated), None)


def restated(history: History, policy: str, said: Said, reason: str) -> Step:
    """With the message last, before a reply that is still going on; the former one goes. As it was, where there is nothing to say."""
    if not said:
        return history
    ident, former = history.next_id, latest(history)
    made = Message(ident, Role.USER, tuple(Part(f"{ident}.{k}", origin, content) for k, (origin, content) in enumerate(said, 1)))
    yield from confess(Edit(policy, replaced=((former.id, ident),) if former else (), reason=reason))
    left = tuple(message for message in history.messages if message is not former)
    at = len(left) - (left[-1].role is Role.ASSISTANT)
    return msgspec.structs.replace(history, messages=(*left[:at], made, *left[at:]), made=history.made + 1, restated=ident)
