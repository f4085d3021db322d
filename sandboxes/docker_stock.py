"""Where images come from, as the settings say, and what messages call them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from harness.core.errors import PlanError
from harness.core.task import ImageBuild, ImageBundle, ImageRecipe, ImageSource, ImageTag
from sandboxes import docker_base
from sandboxes.docker_reach import Reach


class Stock(msgspec.Struct, frozen=True):
    """Where images come from, as the settings say: engine, cache folder, what may be built, and how a build reaches out."""

    base_url: str
    certificates: str
    cache: str
    allow_build: bool
    allow_pull: bool
    reach: Reach
    base: docker_base.Sources
    disk_bytes: float = 0
    """What our images may take of the engine's disk, 0 for no bound."""


def bytes_of(gigabytes: str) -> float:
    """A bound in GB (10**9) as the user wrote it, 0 for none. Raises PlanError."""
    try:
        amount = float(gigabytes or 0)
    except ValueError:
        amount = -1
    if not 0 <= amount < float("inf"):
        raise PlanError("", "LONGHAUL_DISK_GB", repr(gigabytes), "a number of GB")
    return amount * 1e9


def silent(_words: str) -> None:
    """Where preparing can only be a look-up."""


def source_name(source: ImageSource) -> str:
    """What messages call a source; pure."""
    match source:
        case ImageTag(name, otherwise):
            return source_name(otherwise) if isinstance(otherwise, ImageRecipe) else name
        case ImageBundle(path, name):
            return name or path
        case ImageBuild(context, dockerfile):
            return str(Path(context) / dockerfile)
        case ImageRecipe(kind, _, folder):
            return f"{kind} recipe in {folder}" if folder else f"{kind} recipe"
