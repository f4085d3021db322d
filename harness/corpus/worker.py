"""A model that plays a script through the engine's real path and keeps what it was shown: the worker of every run of the corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from harness.core.chat import (
    Content,
    ModelRequest,
    Reply,
    ReplyStop,
    Sampling,
    Text,
    Thinking,
    Timing,
    ToolCall,
    Usage,
    View,
)
from harness.core.errors import Blame, ContextOverflow, Wire
from harness.core.facts import ModelFacts, Window
from harness.core.ports import Model, Progress
from harness.corpus.script import Base, Say, Server
from harness.corpus.serving import Told, TooLong, sent, served

STOPS = {"refusal": ReplyStop.REFUSAL, "max_output": ReplyStop.MAX_OUTPUT, "window_full": ReplyStop.WINDOW_FULL}
OVER = Say("over", 0, "There is nothing left to do.")


class Answer(msgspec.Struct, frozen=True):
    """One question as it came in. `say`: the turn of the script that answers it, "" for a summary; `turn`: which question it was; `refused`: it was too long."""

    turn: int
    say: str
    told: Told | None
    refused: bool = False


class PlayedWorker:
    """One conversation. `summarise`: the words by which its agent asks for a summary, "" where it never does."""

    def __init__(self, base: Base, summarise: str = "") -> None:
        self._base, self._summarise = base, summarise
        self._place, self._turn, self._summaries = 0, 0, 0
        self._before: View = ()
        self.answers: list[Answer] = []

    @property
    def facts(self) -> ModelFacts:
        server = self._base.server
        return ModelFacts(
            "ollama", "corpus", server="none: a script", server_version=server.version, capabilities=("tools",), window=Window(server.window, server.window),
            sampling=Sampling(origin="none: a script"), max_output=32_768, truncation_excluded=server.over == "refuse",
        )  # fmt: skip

    @contextmanager
    def __call__(self, waited: Callable[[float], None]) -> Iterator[Model]:
        """The door of its own trial: open at once."""
        waited(0.0)
        yield self

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """The next turn of the script, or the summary that is asked for. Raises ContextOverflow."""
        self._turn += 1
        summing = bool(self._summarise) and request.view[-1].text == self._summarise
        say = self._summary() if summing else self._next()
        name = "" if summing else say.name
        contents = _contents(say, self._turn)
        output = say.output or -(-sum(len(content.text) for content in contents) // 4)
        try:
            told = served(self._base.server, request, output, self._before)
        except TooLong as words:
            self.answers.append(Answer(self._turn, name, None, refused=True))
            raise ContextOverflow(str(words), window=self._base.server.window) from words
        self.answers.append(Answer(self._turn, name, told))
        self._before = request.view
        self._place, self._summaries = self._place + (not summing), self._summaries + summing
        progress(1)
        return _reply(self._base.server, say, contents, (told, output))

    def count(self, request: ModelRequest) -> int | None:
        """Asked not to cut, the server counts what fits and refuses the rest without a number. Raises ContextOverflow."""
        server = self._base.server
        if not server.counts:
            return None
        tokens = sent(server, request)
        if server.window is not None and tokens > server.window:
            raise ContextOverflow("the input length exceeds the context length", window=server.window)
        return tokens

    def render(self, _request: ModelRequest) -> str | None:
        return None

    def _next(self) -> Say:
        return self._base.says[self._place] if self._place < len(self._base.says) else OVER

    def _summary(self) -> Say:
        """The n-th of the script's summaries; the last one again where there are more questions."""
        words = self._base.summary
        return Say("summary", 0, words[min(self._summaries, len(words) - 1)] if words else "")


def _contents(say: Say, turn: int) -> tuple[Content, ...]:
    thoughts: tuple[Content, ...] = (Thinking(say.thinking),) if say.thinking else ()
    words: tuple[Content, ...] = (Text(say.text),) if say.text else ()
    return (*thoughts, *words, *(ToolCall(f"w{turn}-{number}", use.tool, use.arguments) for number, use in enumerate(say.calls, 1)))


def _reply(server: Server, say: Say, contents: tuple[Content, ...], counted: tuple[Told, int]) -> Reply:
    told, output = counted
    stop = STOPS[say.stop] if say.stop else ReplyStop.TOOL if say.calls else ReplyStop.END
    known = server.counts and say.name not in server.silent
    usage = Usage(told.evaluated if known else None, told.cached if known else None, None, output if known else None)
    bad = tuple((sentence, Blame.MODEL) for sentence in say.malformed)
    wire = Wire(b"", json.dumps([content.text for content in contents]).encode(), 200)
    return Reply(contents, stop, str(stop), usage, Timing(0.0), wire, thinking_kept=told.thoughtful, malformed=bad)
