"""How full the window is, for servers that we must keep to a window ourselves: an estimate from what they counted last; pure."""

from __future__ import annotations

from agents.models.drift import Turn, grew
from harness.core.chat import ModelRequest, Role, View

CHARACTERS_PER_TOKEN = 4
NEAR = 0.75
"""From this share of the window on, the estimate is no longer good enough and the server is asked to count."""


def estimate(before: Turn | None, request: ModelRequest) -> int:
    """Tokens of the prompt: what the last prompt was counted at and what was added since; all by characters for the first."""
    if before is None or before.usage.input_total is None or not grew(before, request):
        return characters(request) // CHARACTERS_PER_TOKEN
    added = request.view[len(before.view) :]
    written = before.usage.output_total
    by_us = tuple(message for message in added if written is None or message.role is not Role.ASSISTANT)
    return before.usage.input_total + (written or 0) + said(by_us) // CHARACTERS_PER_TOKEN


def characters(request: ModelRequest) -> int:
    """All characters that a model would read."""
    tools = sum(len(tool.name) + len(tool.description) + len(str(tool.schema())) for tool in request.tools)
    return said(request.view) + tools


def said(view: View) -> int:
    """Characters of all parts."""
    return sum(len(part.content.text) for message in view for part in message.parts)


def near(tokens: int, window: int) -> bool:
    return tokens >= NEAR * window
