"""SOURCE = KIND[:ARG][#glob] to task specifications."""

from __future__ import annotations

import fnmatch
import inspect
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from harness.core.errors import PlanError, TaskError
from harness.core.ports import TaskSource
from harness.core.task import ImageBuild, TaskSpec
from harness.plan import Option
from harness.settings import Settings
from harness.wiring.names import bound, creator

OURS = ("bundled", "catalogue")
"""Sources that come with the package, as folders of it."""
MADE = ("staged",)
"""Sources whose argument is no path: what they hold is made from words and the plan's seed."""
GIVEN = ("path", "environment", "source", "seed", "cache")
"""What wiring tells a source; the rest of its signature is options."""


class Found(msgspec.Struct, frozen=True):
    """What the sources hold: good tasks, and a complaint for each bad one."""

    tasks: tuple[TaskSpec, ...]
    faults: tuple[Exception, ...]


def source(text: str, settings: Settings, options: Mapping[str, Option], seed: int = 0) -> TaskSource:
    """The source a word names, without its glob; it gets those options it takes. `seed`: the plan's. Raises PlanError, TaskError."""
    kind, _, argument = text.partition("#")[0].partition(":")
    create = creator("sources", kind, "tasks")
    if kind in OURS:
        argument = str(files("task_repos").joinpath(kind))
    elif not argument:
        raise PlanError("", "tasks", repr(text), f"{kind}:{'TIER' if kind in MADE else 'PATH'}")
    if kind not in (*OURS, *MADE) and "." not in kind and not Path(argument).exists():
        raise PlanError("", "tasks", repr(text), f"an existing file or folder after {kind}: (there is no {Path(argument).absolute()}; a path is taken from the current folder)")
    given = {"path": argument, "environment": settings.environment, "source": text, "seed": seed, "cache": str(settings.cache)}
    found: TaskSource = bound(create, given, _taken(create, options), "source")
    return found


def _taken(create: Callable[..., Any], options: Mapping[str, Option]) -> dict[str, Option]:
    return {name: value for name, value in options.items() if name in inspect.signature(create).parameters}


def _checked(words: tuple[str, ...], options: Mapping[str, Option]) -> None:
    """An option that no source of the plan takes is a mistake. Raises PlanError."""
    creates = [creator("sources", word.partition("#")[0].partition(":")[0], "tasks") for word in words]
    for name in options:
        if not any(_taken(create, {name: ""}) for create in creates):
            takes = sorted({each for create in creates for each in inspect.signature(create).parameters} - set(GIVEN))
            raise PlanError("", f"source.{name}", "an unknown option", f"one of {', '.join(takes) or 'none'}")


def collect(words: tuple[str, ...], settings: Settings, options: Mapping[str, Option] | None = None, seed: int = 0) -> Found:
    """All tasks of all sources in their order, the bundled ones smallest first. `seed`: the plan's. Raises PlanError where two share an id or a glob finds none."""
    _checked(words, options or {})
    tasks: dict[str, TaskSpec] = {}
    faults: list[Exception] = []
    for word in words:
        held = source(word, settings, options or {}, seed)
        chosen = [task for task in held if fnmatch.fnmatchcase(task.id, word.partition("#")[2] or "*")]
        faults += held.faults
        if not chosen and not held.faults:
            raise PlanError("", "tasks", repr(word), "a source with at least one task (and a #glob that matches one)")
        for task in sorted(chosen, key=_size) if word.startswith("bundled") else chosen:
            if task.id in tasks:
                raise TaskError(word, "id", f"{task.id!r} twice", "different ids, because rows are named by them")
            tasks[task.id] = task
    return Found(tuple(tasks.values()), tuple(faults))


def _size(task: TaskSpec) -> int:
    image = task.place.image
    if not isinstance(image, ImageBuild):
        return 0
    return sum(path.stat().st_size for path in Path(image.context).rglob("*") if path.is_file())
