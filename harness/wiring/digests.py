"""What decides a trial beside the task: digests of prompts, tools and of the harness itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from harness.core.agent import Agent
from harness.core.ports import Tool

ROOMS = ("harness", "agents", "sandboxes", "task_repos")
JUDGES = ("harness.core", "harness.grading", "harness.engine", "harness.metrics", "sandboxes", "task_repos", "agents.oracle", "agents.idle")
SOURCES = frozenset({".py", ".c", ".h"})


def sha256(*pieces: bytes) -> str:
    """A "sha256:..." over the pieces, each with its length before it, so that no two lists share a digest."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return f"sha256:{digest.hexdigest()}"


def of_prompts(agent: Agent) -> str:
    return sha256(*(prompt.encode() for prompt in agent.prompts))


def model_field(use: str, field: str) -> str:
    """Where what was found of a model stands among the facts of a run."""
    return f"model {use}: {field}"


def of_tools(tools: tuple[Tool, ...]) -> str:
    return sha256(*(msgspec.json.encode(tool.spec) for tool in tools))


def of_harness() -> str:
    """Version and a digest over the source of every room; what a developer changed shows here at once."""
    return _of(ROOMS)


def of_judges() -> str:
    """The same over those rooms alone that decide whether a task can be solved: a changed page leaves its proof as it was."""
    return _of(JUDGES)


def _of(rooms: tuple[str, ...]) -> str:
    pieces = [name.encode() + b"\0" + path.read_bytes() for room in rooms for name, path in _sources(room)]
    return f"{version('longhaul')} {sha256(*pieces)[:19]}"


def _sources(room: str) -> Iterator[tuple[str, Path]]:
    """Of a package or of one module, by names that do not tell where it is installed. Tasks have digests of their own."""
    spec = find_spec(room)
    if spec is None:
        return
    if spec.submodule_search_locations is None and spec.origin:
        yield room, Path(spec.origin)
    for folder in spec.submodule_search_locations or ():
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in SOURCES and not {"bundled", "catalogue"} & set(path.parts):
                yield path.relative_to(folder).as_posix(), path
