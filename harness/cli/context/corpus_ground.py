"""What the corpus is played with: agents, tools and sandboxes by their names, a store and trees in a folder, staged tasks as bases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.core.agent import Agent
from harness.core.machine import PreparedImage
from harness.core.ports import Sandboxes, Tool
from harness.core.task import ImageBuild, TaskSpec
from harness.corpus.bases.moved import moved
from harness.corpus.playing import Ground, key, name_of
from harness.corpus.script import Base, Case
from harness.store.lines import RunLines
from harness.store.sqlite import create
from harness.wiring.names import bound, creator
from harness.wiring.trees import trees

PROMPTS_OF_SUMMARY = 3
"""An agent that compacts has its three prompts of that last."""


@contextmanager
def ground(folder: Path, cases: tuple[Case, ...], sandboxes: Sandboxes | None = None, image: Callable[[TaskSpec], PreparedImage] | None = None) -> Iterator[Ground]:
    """A run's store in `folder`/run for these cases; `sandboxes`: folders of this machine unless others are given. Raises StoreError."""
    held = sandboxes or bound(creator("sandboxes", "host", "sandbox.use"), {}, {}, "sandbox")
    store = create(folder / "run", tuple(key(case) for case in cases), {})
    (folder / "bases").mkdir(exist_ok=True)
    lines = RunLines(folder / "run", held)
    first = cases[0] if cases else None
    try:
        if first is not None:
            (folder / "run" / "trees.git").mkdir(exist_ok=True)
        with _Trees(folder / "run") as found:
            yield Ground(worker, tools, held, image or host_image, lines, store, found, folder / "bases")
    finally:
        store.close()


class _Trees:
    """The run's trees, opened when they are first asked for: there are none before a case was played."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open = None

    def __enter__(self) -> _Trees:
        return self

    def __exit__(self, *why: object) -> None:
        if self._open is not None:
            self._open[0].__exit__(None, None, None)

    def _held(self):  # type: ignore[no-untyped-def]
        if self._open is None:
            door = trees(self._folder)
            self._open = (door, door.__enter__())
        return self._open[1]

    def files(self, tree: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self._held().files(tree)
        return found

    def content(self, oid: str) -> bytes:
        data: bytes = self._held().content(oid)
        return data


def worker(base: Base) -> tuple[Agent, str]:
    """The agent of a base, and its words that ask for a summary."""
    options: dict[str, object] = {"recent": base.recent} if base.agent == "coder" else {}
    made: Agent = bound(creator("agents", base.agent, "agents.use"), {}, options, "agent")
    return made, made.prompts[-PROMPTS_OF_SUMMARY] if base.agent == "coder" else ""


def tools(agent: Agent, task: TaskSpec) -> dict[str, Tool]:
    given = {"test_command": task.brief.test_command}
    made: list[Tool] = [bound(creator("tools", name, "agents.use"), given, {}, "tool") for name in agent.tools()]
    return {tool.spec.name: tool for tool in made}


def host_image(task: TaskSpec) -> PreparedImage:
    """No image, named after the files that stand for one."""
    return PreparedImage("none", task.digest, task.digest, "none", "")


def staged(word: str, seed: int, cache: Path) -> tuple[Base, ...]:
    """The bases of what stands after `staged:`. Raises PlanError."""
    tasks = creator("sources", "staged", "tasks")(path=word, seed=seed, cache=str(cache))
    return tuple(moved(task, _files(task)) for task in tasks)


def _files(task: TaskSpec) -> tuple[tuple[str, str], ...]:
    if not isinstance(task.place.image, ImageBuild):
        raise ValueError(f"{task.id} is not built from a folder")
    place = Path(task.place.image.context) / "repo"
    return tuple((path.relative_to(place).as_posix(), path.read_text()) for path in sorted(place.rglob("*")) if path.is_file())


__all__ = ["ground", "host_image", "name_of", "staged", "tools", "worker"]
