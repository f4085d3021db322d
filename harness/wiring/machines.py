"""What the command line does to the engine itself: our images, what dead runs left, and its own facts."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, cast

from harness.core.machine import PreparedImage
from harness.core.ports import Images, Say
from harness.core.task import Place
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.engine import engine
from harness.wiring.shop import images


class Shelf(Images, Protocol):
    """What the command line does with images besides what a run does."""

    def fetch(self, place: Place, say: Say) -> tuple[str, ...]:
        """Pull what registries give of a place's image; the names that are here then."""
        ...

    def ready(self, place: Place) -> PreparedImage | None:
        """The prepared image where it is here already."""
        ...

    def names(self, place: Place) -> tuple[str, ...]:
        """All names by which another machine finds a prepared image; none where it is not here."""
        ...


def shelf(settings: Settings, *, build: bool) -> Shelf:
    """The images of this machine's engine. Raises MissingError."""
    plan = Plan(("bundled",))
    allow = type(plan.allow)(plan.allow.offload, plan.allow.remote, build)
    found: Any = images(Plan(("bundled",), allow=allow), settings)
    return cast("Shelf", found)


def client(settings: Settings) -> Any:
    """A client of the engine, for the functions below. Raises MissingError."""
    found = engine(settings)
    return importlib.import_module("sandboxes.docker_client").open_client(found["base_url"], found["certificates"])


def ours(settings: Settings) -> tuple[Any, ...]:
    """Our images (name, digest, size in bytes, kind, created), largest first. Raises SandboxError."""
    found: tuple[Any, ...] = importlib.import_module("sandboxes.docker_bundle").listed(client(settings))
    return found


def prune(settings: Settings, say: Say, only: frozenset[str] | None = None) -> int:
    """Remove our images but the base image, all or those named, and none that a living process uses; how many names went."""
    held = importlib.import_module("sandboxes.docker_uses").Uses(settings.cache).held(own=False)
    return int(importlib.import_module("sandboxes.docker_bundle").prune(client(settings), say, only=only, held=held))


def save(settings: Settings, names: tuple[str, ...], path: Path, say: Say) -> None:
    """Images into one file. Raises SandboxError."""
    importlib.import_module("sandboxes.docker_bundle").save(client(settings), names, path, say)


def load(settings: Settings, path: Path) -> tuple[str, ...]:
    """The names that came. Raises TaskError, SandboxError."""
    found: tuple[str, ...] = importlib.import_module("sandboxes.docker_bundle").load_file(client(settings), path)
    return found


def has_image(settings: Settings, image: str) -> bool:
    """Whether this engine holds the image. Raises MissingError."""
    with closing(client(settings)) as held:
        return importlib.import_module("sandboxes.docker_client").find_image(held, image) is not None


def sweep(settings: Settings, named: str, *, dry_run: bool, run: str = "") -> tuple[Any, ...]:
    """Leftover containers (only of `run` where one is given), with what was removed. Raises SandboxError."""
    room = importlib.import_module("sandboxes.docker_sweep")
    found: tuple[Any, ...] = room.sweep(client(settings).api, named=named, run=run, dry_run=dry_run)
    return found
