"""A small conversation in the vocabulary's form, for the tests of every adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.core.chat import (
    ModelRequest,
    Origin,
    Parameter,
    Reply,
    Role,
    Sampling,
    Text,
    ToolCall,
    ToolOutput,
    ToolSpec,
    View,
    message,
)
from harness.core.errors import ModelError

if TYPE_CHECKING:
    from harness.core.ports import Model

SHELL = ToolSpec("shell", "Run a command.", (Parameter("command", "string", "The command."), Parameter("seconds", "integer", "Its time.")))
RULE: View = (message("m1", Role.SYSTEM, Origin.HARNESS, Text("Keep the rule <|rule|> at all times.")),)
TASK: View = (message("m2", Role.USER, Origin.TASK, Text("Look around.")),)
START = RULE + TASK


def asked(view: View = START, **fields: object) -> ModelRequest:
    """A request with one tool and temperature 0, because scripted servers are."""
    named = {"sampling": Sampling(temperature=0.0, seed=7), "window": 2048, "max_output": 256, "thinking": ""} | fields
    return ModelRequest(view, (SHELL,), **named)


def ask(model: Model, request: ModelRequest, deadline: float | None = 60.0) -> Reply:
    return model.reply(request, deadline=deadline, progress=lambda _: None)


def fails(model: Model, request: ModelRequest | None = None, deadline: float | None = 60.0) -> ModelError:
    """The fault with which a reply failed."""
    with pytest.raises(ModelError) as caught:
        ask(model, request or asked(), deadline)
    return caught.value


def calls(reply: Reply) -> list[ToolCall]:
    return [content for content in reply.contents if isinstance(content, ToolCall)]


def text(reply: Reply) -> str:
    return "".join(content.text for content in reply.contents if isinstance(content, Text))


def with_results(view: View, reply: Reply, result: str = "README.md") -> View:
    """The view, the reply, and a result for each of its calls."""
    k = len(view)
    outputs = (ToolOutput(call.id, call.name, result, ok=True) for call in calls(reply))
    results = (message(f"t{k}-{n}", Role.TOOL, Origin.TOOL, output) for n, output in enumerate(outputs))
    return (*view, message(f"a{k}", Role.ASSISTANT, Origin.MODEL, *reply.contents), *results)
