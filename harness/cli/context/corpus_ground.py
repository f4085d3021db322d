"""What the corpus is played with: agents, tools and sandboxes by their names, a store and trees in a folder, staged tasks as bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

import msgspec

from harness.core.agent import Agent
from harness.core.machine import PreparedImage
from harness.core.ports import Sandboxes, Tool
from harness.core.task import ImageBuild, TaskSpec
from harness.corpus.bases.moved import moved
from harness.corpus.playing import Ground, key
from harness.corpus.script import Base, Case
from harness.plan import Plan
from harness.settings import Settings
from harness.store.lines import RunLines
from harness.store.sqlite import create
from harness.wiring.names import bound, creator
from harness.wiring.shop import images as docker_images
from harness.wiring.shop import sandboxes as docker
from harness.wiring.trees import RunTrees, trees

PROMPTS_OF_SUMMARY = 3
"""An agent that compacts has its three prompts of that last; the first of them asks."""
STAGED = ("T0", "T1", "T3", "T5", "T6")
SEEDS = (101, 102, 103)


class Machines(msgspec.Struct, frozen=True):
    """Where cases are played, and the image that a task's files stand in there."""

    sandboxes: Sandboxes
    image: Callable[[TaskSpec], PreparedImage]


@contextmanager
def ground(folder: Path, cases: tuple[Case, ...], machines: Machines) -> Iterator[Ground]:
    """A run's store in `folder`/run for these cases. Raises StoreError, OSError."""
    store = create(folder / "run", tuple(key(case) for case in cases), {})
    (folder / "bases").mkdir(exist_ok=True)
    lines = RunLines(folder / "run", machines.sandboxes)
    found = LateTrees(folder / "run")
    try:
        yield Ground(worker, tools, machines.sandboxes, machines.image, lines, store, found, folder / "bases")
    finally:
        found.close()
        store.close()


class LateTrees:
    """A run's trees, opened when they are first asked for: there are none before a case was played."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._stack = folder, ExitStack()
        self._open: RunTrees | None = None

    def files(self, tree: str) -> Mapping[str, str]:
        """Raises StoreError."""
        return self._held().files(tree)

    def content(self, oid: str) -> bytes:
        """Raises StoreError."""
        return self._held().content(oid)

    def close(self) -> None:
        self._stack.close()

    def _held(self) -> RunTrees:
        if self._open is None:
            self._open = self._stack.enter_context(trees(self._folder))
        return self._open


def on_this_machine() -> Machines:
    """Folders of this machine: the scripts are ours and trusted."""
    return Machines(bound(creator("sandboxes", "host", "sandbox.use"), {}, {}, "sandbox"), _no_image)


def in_containers(settings: Settings) -> Machines:
    """The engine's. Raises MissingError."""
    plan = Plan(())
    held = docker_images(plan, settings)
    return Machines(docker(plan, settings), lambda task: held.prepare(task.place, _quiet))


def worker(base: Base) -> tuple[Agent, str]:
    """The agent of a base, and its words that ask for a summary."""
    options: dict[str, str | int | float | bool] = {"recent": base.recent} if base.agent == "coder" else {}
    made: Agent = bound(creator("agents", base.agent, "agents.use"), {}, options, "agent")
    return made, made.prompts[-PROMPTS_OF_SUMMARY] if base.agent == "coder" else ""


def tools(agent: Agent, task: TaskSpec) -> dict[str, Tool]:
    given = {"test_command": task.brief.test_command}
    made: list[Tool] = [bound(creator("tools", name, "agents.use"), given, {}, "tool") for name in agent.tools()]
    return {tool.spec.name: tool for tool in made}


@lru_cache(maxsize=1)
def staged(cache: Path) -> tuple[Base, ...]:
    """Generated tasks of tier S, of each family that was complete when this version of the corpus was made. Raises PlanError."""
    source = creator("sources", "staged", "tasks")
    words = [f"S,family={family},seed={seed}" for family in STAGED for seed in SEEDS]
    return tuple(moved(task, _files(task)) for word in words for task in source(path=word, cache=str(cache)))


def _files(task: TaskSpec) -> tuple[tuple[str, str], ...]:
    if not isinstance(task.place.image, ImageBuild):
        raise ValueError(f"{task.id} is not built from a folder")
    place = Path(task.place.image.context) / "repo"
    return tuple((path.relative_to(place).as_posix(), path.read_text("utf-8")) for path in sorted(place.rglob("*")) if path.is_file())


def _no_image(task: TaskSpec) -> PreparedImage:
    """None, named after the files that stand for one."""
    return PreparedImage("none", task.digest, task.digest, "none", "")


def _quiet(_line: str) -> None:
    """Progress of images is not what the caller waits for."""
