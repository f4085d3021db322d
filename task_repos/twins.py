"""Twins of a handcrafted staged task as a source: twins:FOLDER, with -o source.delivery=concat (all in one) or fresh (each request alone)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from harness.core.errors import PlanError
from harness.core.task import TaskSpec
from task_repos.folder import read_task
from task_repos.staged import laid
from task_repos.staging.folders import Folder
from task_repos.staging.twinning import source as staged
from task_repos.staging.twinning import twins

DELIVERIES: Final = ("concat", "fresh")
TURNS: Final = 5
"""Bound of a twin's turns, as a multiple of the solution's."""


class Twins:
    """Laid into the cache and read from there like any folder."""

    faults: tuple[Exception, ...] = ()

    def __init__(self, folders: tuple[Folder, ...], cache: Path, host: Mapping[str, str], source: str) -> None:
        self._folders, self._cache, self._host, self._source = folders, cache, host, source

    def __iter__(self) -> Iterator[TaskSpec]:
        for folder in self._folders:
            task = read_task(laid(folder, self._cache), self._host, self._source)
            turns = max(task.limits.turns or 0, TURNS * len(folder.moves))
            yield msgspec.structs.replace(task, limits=msgspec.structs.replace(task.limits, turns=turns))


def create(*, path: str, environment: Mapping[str, str] | None = None, source: str = "", cache: str = "", delivery: str = "concat") -> Twins:
    """`path`: the folder of one staged task; `cache`: of what can be made again. Raises PlanError, TaskError."""
    if delivery not in DELIVERIES:
        raise PlanError("", "source.delivery", repr(delivery), " or ".join(DELIVERIES))
    place = Path(cache) if cache else Path(tempfile.gettempdir()) / "longhaul"
    return Twins(made(Path(path), delivery, environment or {}), place / "twins", environment or {}, source or f"twins:{path}")


def made(folder: Path, delivery: str, host: Mapping[str, str]) -> tuple[Folder, ...]:
    """The twins of the task in `folder`. Raises PlanError, TaskError."""
    return twins(staged(folder, read_task(folder, host, "bundled")), delivery)
