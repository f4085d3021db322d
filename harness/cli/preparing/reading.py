"""How much source a task holds, and how much of it its solution must have read: whole files that the solution changes, a lower bound."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from harness.core.solving import patches
from harness.core.task import ImageBuild, TaskSpec

CHARS_PER_TOKEN = 4
"""What source code comes to for the tokenizers of today's models, roughly; the same figure for every task, so shares are exact."""

_TARGET = re.compile(rb"^(?:---|\+\+\+) [ab]/(.+?)(?:\t.*)?$", re.MULTILINE)


class Reading(msgspec.Struct, frozen=True):
    """`tokens` of all source files, `necessary` of those the solution changes, `share` the second over the first."""

    tokens: int
    necessary: int
    share: float


def reading(task: TaskSpec) -> Reading | None:
    """None where the sources are not in a build context or the solution holds no patch."""
    image, solution = task.place.image, patches(task.solution)
    if not isinstance(image, ImageBuild) or not solution:
        return None
    repository = Path(image.context) / "repo"
    sizes = {path.relative_to(repository).as_posix(): len(path.read_text("utf-8", "replace")) for path in repository.rglob("*.py")}
    touched = {name.decode("utf-8", "replace") for patch in solution for name in _TARGET.findall(patch)}
    total, necessary = sum(sizes.values()), sum(size for name, size in sizes.items() if name in touched)
    return Reading(total // CHARS_PER_TOKEN, necessary // CHARS_PER_TOKEN, necessary / total) if total else None
