"""A task from the user's own repository: the builder by name, with this machine's images and sandboxes handed in."""

from __future__ import annotations

import importlib
from typing import Any

from harness.core.ports import Say
from harness.grading.logs import junit
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.shop import images, sandboxes


def make(words: dict[str, Any], settings: Settings, say: Say) -> Any:
    """`words` are the fields of the builder's Wanted; gives its Made. Raises TaskError, MissingError, SandboxError."""
    room = importlib.import_module("task_repos.new")
    plan = Plan(("bundled",))
    shop = room.Workshop(images(plan, settings), sandboxes(plan, settings), lambda report: junit.parse(report, ()))
    return room.make(room.Wanted(**words), shop, say)
