"""What a model answered to a question about its item, read from the record of a replay that asked it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from harness.core.chat import Text
from harness.core.events import ModelReplied, PartAdded, Trace
from harness.core.parts import whole
from harness.engine.gaze import Observation
from harness.engine.steps import Get
from harness.metrics.context.recalled import Question, score
from harness.metrics.tries import lived, of


def question(text: str) -> Question:
    """As a probe keeps it."""
    return msgspec.json.decode(text, type=Question)


class Recalling(msgspec.Struct, frozen=True):
    """`turn`: that of the fork. An answer in another form than asked for, or none, is told apart and is no right one."""

    question: Question
    turn: int
    trace: Callable[[], Trace]
    get: Get

    def look(self, *, over: bool = False) -> Observation:
        """Nothing is known before the conversation is over, which it is by itself. Raises StoreError."""
        said = replies(self.trace(), self.get) if over else ()
        if not said:
            return Observation("none")
        found = score(self.question, said)
        return Observation("honoured" if found.outcome == "right" else "violated", self.turn + 1, found.sentence)


def replies(trace: Trace, get: Get) -> tuple[str, ...]:
    """The plain words of each reply of the latest try, "" for one without. Raises StoreError."""
    now = lived(trace)
    parts = {event.id: event for event in of(now, PartAdded)}
    return tuple(
        "\n".join(parts[ident].content.text if parts[ident].blob is None else whole(parts[ident], get).text for ident in each.parts if isinstance(parts[ident].content, Text))
        for each in of(now, ModelReplied)
    )  # fmt: skip
