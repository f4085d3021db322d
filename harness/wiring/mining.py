"""Mining by name: the miner with this machine's images, sandboxes and readers handed in, and the acceptance of what it drafted."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Final

from harness.core.ports import Say
from harness.grading.logs import junit
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.shop import images, sandboxes

UNFOLDED_BYTES: Final = 512 << 20


def mine(words: dict[str, Any], settings: Settings, say: Say) -> Any:
    """`words` are the fields of the miner's Wanted; gives its manifest. Raises PlanError, TaskError, MissingError, SandboxError."""
    room = importlib.import_module("task_repos.mine")
    archives = importlib.import_module("sandboxes.recipe_archive")
    plan = Plan(("bundled",))
    shop = room.Workshop(
        images(plan, settings), sandboxes(plan, settings), lambda report: junit.parse(report, ()),
        lambda path: archives.read_archive(path, str(path), bound=UNFOLDED_BYTES),
    )  # fmt: skip
    return room.mine(room.Wanted(**words), shop, say)


def tally(mined: Any) -> list[tuple[str, str, int, float]]:
    """The yield: rows of kind or "rejected", unit or reason, how many, seconds."""
    return list(importlib.import_module("task_repos.mine_manifest").tally(mined))


def draft(folder: Path, ident: str) -> Any:
    """The instructions of a mined task as they are now: `paths`, `texts`, `accepted`. Raises TaskError."""
    return importlib.import_module("task_repos.mined").draft(folder, ident)


def accept(folder: Path, ident: str, date: str) -> Any:
    """Note that somebody has read them. Raises TaskError where they still hold an open place."""
    return importlib.import_module("task_repos.mined").accept(folder, ident, date)
