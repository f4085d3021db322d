"""A model that adds a function a turn and names it as it was told, as long as it was told not too far back; what it does is read from its prompt."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.core.chat import Content, ModelRequest, Reply, ReplyStop, Sampling, Text, Timing, ToolCall, Usage
from harness.core.errors import Wire
from harness.core.facts import ModelFacts, ModelSettings, Window
from harness.core.ports import Progress

TURNS = 7
RULE = "ends with `_op`"
REACH = 2600
"""Characters from the rule's last words to the end of the prompt beyond which it is forgotten."""
PROSE = "Now the next part of the work is done, and a few words are said of it. " * 9


class Reader:
    """`slow`: seconds of a reply while the file of that name stands."""

    def __init__(self, settings: ModelSettings, brake: str) -> None:
        self._brake = brake
        self.facts = ModelFacts(
            kind="reader", name=settings.name, server="none: a double", capabilities=("tools",), window=Window(settings.window, settings.window or 64_000, None),
            sampling=Sampling(origin="none"), max_output=4096, concurrency=8,
        )  # fmt: skip

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        began, text = time.monotonic(), self.render(request) or ""
        if self._brake and Path(self._brake).exists():
            Path(self._brake).unlink()
            os.kill(os.getpid(), 9)
        known = RULE in text and len(text) - text.rindex(RULE) < REACH
        number = (request.replies or 0) + 1
        if "Answer with one JSON object" in text:
            return told(json.dumps({"answer": "_op" if known else None}), len(text) // 4, began)
        call = finish() if number > TURNS else added(number, "_op" if known else "")
        contents: tuple[Content, ...] = (Text(PROSE), ToolCall(f"call_{number}", *call))
        usage = Usage(input_total=len(text) // 4, output_total=200)
        progress(1)
        return Reply(contents, ReplyStop.TOOL, "tool", usage, Timing(time.monotonic() - began), Wire(b"", b"", None))

    def count(self, request: ModelRequest) -> int | None:
        return len(self.render(request) or "") // 4

    def render(self, request: ModelRequest) -> str | None:
        return "\n".join(part.content.text for message in request.view for part in message.parts)


def told(text: str, prompt: int, began: float) -> Reply:
    return Reply((Text(text),), ReplyStop.END, "end", Usage(input_total=prompt, output_total=9), Timing(time.monotonic() - began), Wire(b"", b"", None))


def added(number: int, suffix: str) -> tuple[str, str]:
    return "write", json.dumps({"path": f"pkg/part{number}.py", "content": f"def step_{number}{suffix}():\n    return {number}\n"})


def finish() -> tuple[str, str]:
    return "finish", json.dumps({"done": "all", "not_done": ""})


class Readers:
    def __init__(self, brake: str) -> None:
        self._brake = brake

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[Reader]:
        yield Reader(settings, self._brake)

    def offers(self) -> tuple[ModelFacts, ...]:
        return ()


def create(*, brake: str = "") -> Readers:
    """`brake`: a file that, where it stands, costs the process its life at the next question, and is gone then."""
    return Readers(brake)
