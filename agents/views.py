"""What a model is let to see: pure functions from a view to a view, for arms that differ in nothing else."""

from __future__ import annotations

from agents.window import exchanges
from harness.core.chat import Message, Origin, Role, View

RECENT = 4
"""Exchanges that the short view keeps."""


def full(view: View) -> View:
    """Everything, as the agent made it."""
    return view


def short(view: View, *, recent: int = RECENT) -> View:
    """The system text, all requests, and the `recent` newest exchanges; calls keep their results."""
    groups = exchanges(view)
    first = len(groups) - recent
    return tuple(message for k, group in enumerate(groups) for message in group if k >= first or _stays(message))


def _stays(message: Message) -> bool:
    asked = any(part.origin in {Origin.TASK, Origin.USER} for part in message.parts)
    return message.role is Role.SYSTEM or (message.role is Role.USER and asked)
