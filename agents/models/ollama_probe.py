"""Questions to a server that its version can't answer: does it refuse what is too long, and does thinking reach the model?"""

from __future__ import annotations

from contextlib import closing
from typing import Literal

import msgspec

from agents.models import ollama_wire
from agents.models.ollama_link import Link
from harness.core.chat import (
    ModelRequest,
    Origin,
    Parameter,
    Role,
    Text,
    Thinking,
    ToolCall,
    ToolOutput,
    ToolSpec,
    message,
)  # fmt: skip
from harness.core.errors import ContextOverflow, Fault, MissingError, ModelError
from harness.core.facts import ModelFacts

MARK = "longhaul-thinking-mark"
COUNTED = "Count these words: " + "one two three four five six seven eight nine ten " * 8
COUNT_S = 600.0
REFUSAL_S = 120.0
"""A refusal needs only tokenising; a server silent for longer has begun to work on what it should have refused."""


def demand_refusal(link: Link, name: str, request: ModelRequest, keep_alive: str, *, shown: bool = False) -> None:
    """Send what can't fit and expect a refusal. Source builds call themselves 0.0.0, so the version proves nothing.

    `shown`: it refused when the run began, so that silence tells of too much to do. Raises MissingError for a server that cuts
    silently, ModelError when it fails otherwise.
    """
    window = request.window or 0
    flood = "x7 " * (window + window // 4 + 64)  # a word is one token at least in any vocabulary, this one mostly two
    view = (message("p1", Role.USER, Origin.HARNESS, Text(flood)),)
    asked = msgspec.structs.replace(request, view=view, tools=(), max_output=1, thinking="")
    try:
        with closing(link.stream("/api/chat", ollama_wire.body(name, asked, keep_alive), REFUSAL_S, bytearray())) as lines:
            next(lines, None)
    except ContextOverflow:
        return
    except ModelError as failed:
        if shown or failed.fault is not Fault.TIMEOUT:
            raise
    raise MissingError(
        f"the Ollama server at {link.url} cuts overlong prompts silently (it ignores truncate:false)", "use Ollama 0.12.6 or later"
    )


def count(link: Link, facts: ModelFacts, request: ModelRequest, keep_alive: str) -> int | None:
    """Tokens of the prompt, by asking for one token of an answer. Raises ContextOverflow where it is refused as too long without its size."""
    body = ollama_wire.body(facts.name, msgspec.structs.replace(request, max_output=1), keep_alive, stream=False)
    body = ollama_wire.left_to_the_server(body, refuse=True) if facts.cuts_declared else body
    try:
        said = link.post("/api/chat", body, silence=COUNT_S)
    except ContextOverflow as long:
        if long.prompt_tokens is None:
            raise
        return long.prompt_tokens
    except ModelError:
        return None
    return ollama_wire.number(said, "prompt_eval_count") if isinstance(said, dict) else None


def counting(link: Link, facts: ModelFacts, request: ModelRequest, keep_alive: str) -> Literal["agrees", "disagrees", ""]:
    """Whether one prompt is counted alike as new and as cached: only then do two counts that differ tell of a cut. "" where none is told."""
    asked = msgspec.structs.replace(request, view=(message("p1", Role.USER, Origin.HARNESS, Text(COUNTED)),), tools=(), thinking="")
    try:
        first, again = (count(link, facts, asked, keep_alive) for _ in range(2))
    except ContextOverflow:
        return ""
    if first is None or again is None:
        return ""
    return "agrees" if first == again else "disagrees"


def thinking_path(link: Link, name: str, request: ModelRequest, keep_alive: str) -> str:
    """`kept` when earlier thinking reaches the rendered prompt, `dropped` when not, `unknown` where the server won't render."""
    probe = ToolSpec("probe", "A probe.", (Parameter("at", "string", "Anything."),))
    view = (
        message("p1", Role.USER, Origin.HARNESS, Text("Probe.")),
        message("p2", Role.ASSISTANT, Origin.THINKING, Thinking(MARK), ToolCall("call_p", "probe", '{"at": "here"}')),
        message("p3", Role.TOOL, Origin.TOOL, ToolOutput("call_p", "probe", "found", ok=True)),
    )
    tools = (probe,) if request.tools else ()
    rendered = render(link, name, msgspec.structs.replace(request, view=view, tools=tools), keep_alive)
    if rendered is None:
        return "unknown"
    return "kept" if MARK in rendered else "dropped"


def render(link: Link, name: str, request: ModelRequest, keep_alive: str) -> str | None:
    """The prompt as the server would give it to the model; None where it does not know the question. Raises ModelError."""
    body = ollama_wire.body(name, request, keep_alive, stream=False, _debug_render_only=True)
    try:
        said = link.post("/api/chat", body)
    except ModelError as refused:
        if refused.fault in {Fault.BAD_REQUEST, Fault.NO_CAPABILITY, Fault.OVERFLOW}:
            return None
        raise
    info = said.get("_debug_info") if isinstance(said, dict) else None
    rendered = info.get("rendered_template") if isinstance(info, dict) else None
    return rendered if isinstance(rendered, str) else None
