"""What decides a trial beside the task: digests of prompts, tools and of the harness itself."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import msgspec

from harness.core.agent import Agent
from harness.core.ports import Tool

ROOMS = ("harness", "agents", "sandboxes", "task_repos")
JUDGES = ("harness.core", "harness.grading", "harness.engine", "harness.metrics", "sandboxes", "task_repos")


def sha256(*pieces: bytes) -> str:
    """A "sha256:..." over the pieces, each with its length before it, so that no two lists share a digest."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(len(piece).to_bytes(8, "big") + piece)
    return f"sha256:{digest.hexdigest()}"


def of_prompts(agent: Agent) -> str:
    return sha256(*(prompt.encode() for prompt in agent.prompts))


def of_tools(tools: tuple[Tool, ...]) -> str:
    return sha256(*(msgspec.json.encode(tool.spec) for tool in tools))


def of_harness() -> str:
    """Version and a digest over the source of every room; what a developer changed shows here at once."""
    return _of(ROOMS)


def of_judges() -> str:
    """The same over those rooms alone that decide whether a task can be solved: a changed page leaves its proof as it was."""
    return _of(JUDGES)


def _of(rooms: tuple[str, ...]) -> str:
    pieces = []
    for room in rooms:
        spec = find_spec(room)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            paths = [path for path in sorted(Path(folder).rglob("*.py")) if not {"bundled", "catalogue"} & set(path.parts)]
            pieces += [path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() for path in paths]
    return f"{version('longhaul')} {sha256(*pieces)[:19]}"
