"""A model whose memory is known: it plays the moves of staged tasks and forgets by a curve, so that an instrument can be seen to find it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from agents.models import bounds
from agents.models.arguments import scalar
from agents.models.forgetter import Forgetter, forgetter
from agents.models.lessons import Lesson, lessons
from agents.models.player import said
from agents.models.recollection import FULL_SHAPES
from harness.core.chat import Content, ModelRequest, Reply, ReplyStop, Role, Sampling, Text, Timing, ToolCall, Usage
from harness.core.errors import ContextOverflow, Wire
from harness.core.facts import ModelFacts, ModelSettings, Window
from harness.core.ports import Models, Progress

WINDOW = 131_072


def create(*, moves: str = "", shape: str = "", d50: int = 0, slope: float = 0.0, floor: float = -1.0, p: float = -1.0, guess: float = 0.0) -> Models:
    """`moves`: a folder with generated tasks, at any depth; wiring names the cache of `staged:` tasks where the user names none.

    `shape`: logistic, threshold, plateau, recency, never, always, random; `d50` in tokens; `slope` of a logistic; `floor` of a plateau;
    `p`: how often a random one slips; `guess`: how often an item that can't be seen is honoured all the same. The model's name may say
    them, too: `simulated/logistic-d50=4000-slope=2`; an option goes before it.
    """
    given = {"shape": shape, "d50": d50 or None, "slope": slope or None, "floor": floor if floor >= 0 else None, "p": p if p >= 0 else None}
    return SimulatedModels(moves, {name: value for name, value in given.items() if value not in (None, "")}, guess)


class SimulatedModels:
    """The curve stands in the model's name or in the options."""

    def __init__(self, moves: str, given: dict[str, object], guess: float) -> None:
        self._moves, self._given, self._guess = moves, given, guess

    @contextmanager
    def open(self, settings: ModelSettings) -> Iterator[SimulatedModel]:
        """Raises PlanError for a name or option that gives no curve, and for a folder without moves."""
        yield SimulatedModel(_facts(settings.name, settings), forgetter(settings.name, self._given, self._guess), lessons(self._moves))

    def offers(self) -> tuple[ModelFacts, ...]:
        return tuple(_facts(name, ModelSettings(name)) for name in FULL_SHAPES)


class SimulatedModel:
    """It keeps nothing between questions: what it has done stands in the view, or in the number of replies before."""

    def __init__(self, facts: ModelFacts, memory: Forgetter, known: tuple[Lesson, ...]) -> None:
        self._facts, self._memory, self._known = facts, memory, known

    @property
    def facts(self) -> ModelFacts:
        return self._facts

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        """The next move, or its slip. Raises ContextOverflow for a view longer than the window."""
        began = time.monotonic()
        tokens, window = tokens_of(request), request.window or self._facts.window.granted
        if window is not None and tokens > window:
            raise ContextOverflow(f"the prompt has {tokens} tokens, the window {window}", prompt_tokens=tokens, window=window)
        contents = said(request.view, replies(request), self._known, self._memory, request.sampling.seed or 0)
        progress(1)
        return _told(contents, request, tokens, time.monotonic() - began)

    def count(self, request: ModelRequest) -> int | None:
        return tokens_of(request)

    def render(self, request: ModelRequest) -> str | None:
        """The view as plain words, which is all that this model reads."""
        return "\n".join(f"{message.role}: {message.text}" for message in request.view)


def replies(request: ModelRequest) -> int:
    """How many came before: as the conversation counts them, else those of the view."""
    return request.replies if request.replies is not None else sum(message.role is Role.ASSISTANT for message in request.view)


def tokens_of(request: ModelRequest) -> int:
    """A token for every four characters begun: the measure in which its memory fades, too."""
    return -(-bounds.characters(request) // bounds.CHARACTERS_PER_TOKEN)


def _told(contents: tuple[Content, ...], request: ModelRequest, tokens: int, wall: float) -> Reply:
    written = -(-sum(len(content.text) for content in contents) // bounds.CHARACTERS_PER_TOKEN)
    calls = any(isinstance(content, ToolCall) for content in contents)
    stop = ReplyStop.MAX_OUTPUT if written > request.max_output else ReplyStop.TOOL if calls else ReplyStop.END
    words = "\n".join(content.text for content in contents if isinstance(content, (Text, ToolCall)))
    usage = Usage(input_total=tokens, output_total=min(written, request.max_output))
    return Reply(contents, stop, str(stop), usage, Timing(wall), Wire(b"", scalar(words).encode(), None))


def _facts(name: str, settings: ModelSettings) -> ModelFacts:
    return ModelFacts(
        kind="simulated",
        name=name,
        server="none: simulated, no model",
        capabilities=("tools",),
        window=Window(settings.window, settings.window or WINDOW, None),
        sampling=Sampling(seed=settings.seed, origin="none: simulated"),
        max_output=min(settings.max_output or WINDOW, settings.window or WINDOW),
        concurrency=64,
    )
