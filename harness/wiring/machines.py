"""What the command line does to the engine itself: our images, what dead runs left, and its own facts."""

from __future__ import annotations

import importlib
from contextlib import closing
from pathlib import Path
from typing import Any

from harness.core.ports import Images, Say
from harness.plan import Plan
from harness.settings import Settings
from harness.wiring.engine import engine
from harness.wiring.shop import images


def shelf(settings: Settings, *, build: bool) -> Images:
    """The images port of this machine's engine. Raises MissingError."""
    plan = Plan(("bundled",))
    allow = type(plan.allow)(plan.allow.offload, plan.allow.remote, build)
    return images(Plan(("bundled",), allow=allow), settings)


def client(settings: Settings) -> Any:
    """A client of the engine, for the functions below. Raises MissingError."""
    found = engine(settings)
    return importlib.import_module("sandboxes.docker_client").open_client(found["base_url"], found["certificates"])


def ours(settings: Settings) -> tuple[Any, ...]:
    """Our images (name, digest, size in bytes, kind, created), largest first. Raises SandboxError."""
    found: tuple[Any, ...] = importlib.import_module("sandboxes.docker_bundle").listed(client(settings))
    return found


def prune(settings: Settings, say: Say) -> int:
    """Remove our images but the base image; how many names went."""
    return int(importlib.import_module("sandboxes.docker_bundle").prune(client(settings), say))


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
