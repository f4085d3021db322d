"""A memory that forgets nothing: what was said stays, and a window too small ends the conversation."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from agents.history import History, heard
from agents.loop import Heard
from harness.core.agent import Answer, Wish, ask
from harness.core.errors import ContextOverflow


class Keeping(msgspec.Struct, frozen=True):
    """Asks with the whole history, always."""

    def ask(self, history: History) -> Generator[Wish, Answer, Heard]:
        try:
            answered = yield from ask(history.messages)
        except ContextOverflow:
            return None
        return heard(history, answered), answered
