"""A model that plays a transcript: for a first look without any model, for tests, and for measuring the harness alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from agents.models import bounds, script_file
from agents.models.arguments import scalar
from agents.models.script_file import Played, Script
from harness.core.chat import (
    Content,
    ModelRequest,
    Reply,
    ReplyStop,
    Role,
    Sampling,
    Text,
    Timing,
    ToolCall,
    Usage,
)
from harness.core.errors import ContextOverflow, Fault, MissingError, ModelError, Wire
from harness.core.facts import ModelFacts, ModelSettings, Window
from harness.core.ports import Models, Progress

BY_TASK = "demo"
WINDOW = 32768
OVER = Played(text="DONE")
NO_SCRIPT = Played(text="No script of this model fits this task.")
CHARACTERS_PER_TOKEN = 4


def create(*, script: str = "") -> Models:
    """`script`: the path of a transcript to play whatever the task."""
    return ScriptedModels(script)


class ScriptedModels:
    """`scripted/demo` chooses by the task's words; `scripted/NAME` plays the bundled script NAME."""

    def __init__(self, script: str) -> None:
        self._path = script

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[ScriptedModel]:
        yield ScriptedModel(_facts(settings.name, settings), self._scripts(settings.name))

    def offers(self) -> tuple[ModelFacts, ...]:
        names = (BY_TASK, *(script.name for script in script_file.bundled()))
        return tuple(_facts(name, ModelSettings(name)) for name in names)

    def _scripts(self, name: str) -> tuple[Script, ...]:
        if self._path:
            return (script_file.load(self._path),)
        scripts = script_file.bundled()
        if name == BY_TASK:
            return scripts
        chosen = tuple(script for script in scripts if script.name == name)
        if not chosen:
            known = ", ".join((BY_TASK, *(script.name for script in scripts)))
            raise MissingError(f"there is no script {name}, only {known}", f"-m scripted/{BY_TASK}, or -o model.script=FILE")
        return chosen


class ScriptedModel:
    """Where it is in the script is told by the question, so that a fork finds it where its parent left it."""

    def __init__(self, facts: ModelFacts, scripts: tuple[Script, ...]) -> None:
        self._facts, self._scripts = facts, scripts
        self._raised: set[int] = set()
        self._last = -1

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """The reply at the place after as many as the conversation has had; its fault first, once in a conversation."""
        began = time.monotonic()
        tokens, window = tokens_of(request), request.window or self._facts.window.granted
        if window is not None and tokens > window:
            raise ContextOverflow(f"the prompt has {tokens} tokens, the window {window}", prompt_tokens=tokens, window=window)
        position = place(request)
        if position <= self._last:  # a place answered before is a new trial of a model kept open, and its faults come again
            self._raised.clear()
            self._last = -1
        played = self._at(request, position)
        if played.fault is not None and position not in self._raised:
            self._raised.add(position)
            raise _fault(played.fault, tokens, window)
        self._last, contents = position, played.contents(position)
        progress(1)
        return _told(contents, request, tokens, time.monotonic() - began)

    def count(self, request: ModelRequest) -> int | None:
        return tokens_of(request)

    def render(self, request: ModelRequest) -> str | None:
        """The view as plain words, which is all that this model reads."""
        return "\n".join(f"{message.role}: {message.text}" for message in request.view)

    def _at(self, request: ModelRequest, position: int) -> Played:
        first = next((message.text for message in request.view if message.role is Role.USER), "")
        fits = self._scripts if len(self._scripts) == 1 else tuple(script for script in self._scripts if script.fits(first))
        if not fits:
            return NO_SCRIPT
        replies = fits[0].replies
        return replies[position] if position < len(replies) else OVER


def place(request: ModelRequest) -> int:
    """How many replies came before: as the conversation counts them, else those of the view, which may have forgotten some."""
    if request.replies is not None:
        return request.replies
    return sum(message.role is Role.ASSISTANT for message in request.view)


def tokens_of(request: ModelRequest) -> int:
    """A count of its own, a token for every four characters begun; deterministic, and all that this model claims."""
    return -(-bounds.characters(request) // CHARACTERS_PER_TOKEN)


def _told(contents: tuple[Content, ...], request: ModelRequest, tokens: int, wall: float) -> Reply:
    written = -(-sum(len(content.text) for content in contents) // CHARACTERS_PER_TOKEN)
    calls = any(isinstance(content, ToolCall) for content in contents)
    cut = written > request.max_output
    stop = ReplyStop.MAX_OUTPUT if cut else ReplyStop.TOOL if calls else ReplyStop.END
    said = "\n".join(content.text for content in contents if isinstance(content, (Text, ToolCall)))
    usage = Usage(input_total=tokens, output_total=min(written, request.max_output))
    wire = Wire(b"", scalar(said).encode(), None)
    return Reply(contents, stop, str(stop), usage, Timing(wall), wire)


def _fault(fault: Fault, tokens: int, window: int | None) -> ModelError:
    if fault is Fault.OVERFLOW:
        return ContextOverflow("the script says so", prompt_tokens=tokens, window=window)
    wait = 0.0 if fault in {Fault.RATE, Fault.OVERLOADED} else None
    return ModelError(fault, "the script says so", wait_s=wait)


def _facts(name: str, settings: ModelSettings) -> ModelFacts:
    return ModelFacts(
        kind="scripted",
        name=name,
        server="none: a script, no model",
        capabilities=("tools",),
        window=Window(settings.window, settings.window or WINDOW, None),
        sampling=Sampling(origin="none: a script"),
        max_output=min(settings.max_output or WINDOW, settings.window or WINDOW),
        concurrency=64,
    )
