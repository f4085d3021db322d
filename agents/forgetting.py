"""A memory that gives way: it forgets by a policy at the high mark and when the model refuses the view, asks, and forgets more."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol, TypeAlias

import msgspec

from agents.history import History, heard
from agents.loop import Heard
from harness.core.agent import Answer, Answered, Wish, ask
from harness.core.errors import ContextOverflow

TOO_LONG = "the model refused the view for its length"

Step: TypeAlias = Generator[Wish, Answer, History]
Shorter: TypeAlias = Generator[Wish, Answer, History | None]


class Policy(Protocol):
    """What gives way, and when. Each step confesses what it takes out before it returns the shorter history."""

    def relax(self, history: History) -> Shorter:
        """Before a question: the history as it is below the high mark. None where the window is full and nothing can go."""
        ...

    def harden(self, history: History, refused: History) -> Shorter:
        """After the model refused the view; `refused`: the history that it refused first. None when nothing is left to forget."""
        ...


def _nothing(_before: History, after: History) -> Step:
    """Says nothing after a compaction."""
    yield from ()
    return after


class Forgetting(msgspec.Struct, frozen=True):
    """`restated` says again what must not be lost, after each compaction, from what was there before it."""

    policy: Policy
    restated: Callable[[History, History], Step] = _nothing

    def ask(self, history: History) -> Generator[Wish, Answer, Heard]:
        """Compact where the high mark is reached, then ask; on an overflow compact harder. None when nothing is left to forget."""
        relaxed = yield from self.policy.relax(history)
        if relaxed is None:
            return None
        history = refused = yield from self._restated(history, relaxed)
        answered = yield from tried(history)
        while answered is None:
            shorter = yield from self.policy.harden(history, refused)
            if shorter is None:
                return None
            history = yield from self._restated(history, shorter)
            answered = yield from tried(history)
        return heard(history, answered), answered

    def _restated(self, before: History, after: History) -> Step:
        return after if after is before else (yield from self.restated(before, after))


def tried(history: History) -> Generator[Wish, Answer, Answered | None]:
    """The reply, or None where the view is too long for the model."""
    try:
        return (yield from ask(history.messages))
    except ContextOverflow:
        return None
