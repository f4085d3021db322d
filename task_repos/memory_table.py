"""What is to be kept in mind over a task: [[stage]], [[memory]], [[constraint]] and [[milestone]] of tests/longhaul.toml, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.core.errors import TaskError
from harness.core.memory import Constraint, Item, Kind, Manifest, Manner, Milestone, Stage
from harness.core.task import Request
from task_repos.harbor_grade import Extension, extension
from task_repos.harbor_schema import converted
from task_repos.memory_checks import checked
from task_repos.memory_predicates import occasion, predicate

START = "start"
"""In `from`: the system text or the repository states it, before any request."""


class StageTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[stage]]. `step`: the name of a step of task.toml, "task" where it has none."""

    step: str
    template: str = ""
    interlude: bool = False
    distance: int | None = None


class MemoryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """[[memory]]: an item of core.memory.Item, its validity by names of steps."""

    id: str
    kind: Kind
    text: str
    fingerprints: tuple[str, ...]
    since: str
    until: str | None = None
    recoverable: Literal["no", "on_disk", "derivable"] = "no"
    manner: Manner = "fact"
    habit: Literal["aligned", "arbitrary", "counter"] = "arbitrary"
    exposure: Literal["system", "first_request", "request", "file", "tool"] = "request"
    supersedes: str = ""
    value: str = ""
    former: tuple[str, ...] = ()
    guess: float | None = None


class ConstraintTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: str
    predicate: dict[str, Any]
    occasion: dict[str, Any]


class MilestoneTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    point: str
    stage: str
    predicate: dict[str, Any]
    scope: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    until: str | None = None


class StagedTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[staged], of a generated task: what made it."""

    family: str
    tier: str
    seed: int


def read_memory(folder: Path, name: str, requests: tuple[Request, ...]) -> Manifest | None:
    """The manifest that the file gives, None where it has none of the tables. Raises TaskError."""
    path = folder / name
    if not path.is_file():
        return None
    table = extension(path)
    if not (table.stage or table.memory or table.constraint or table.milestone or table.staged):
        return None
    return checked(_Tables(str(path), tuple(request.id for request in requests)).manifest(table), requests, str(path))


class _Tables:
    """Turns tables into values; names of steps become numbers."""

    def __init__(self, file: str, steps: tuple[str, ...]) -> None:
        self._file, self._steps = file, steps

    def manifest(self, table: Extension) -> Manifest:
        stages = tuple(self._stage(each, k) for k, each in enumerate(table.stage))
        names = tuple(stage.request for stage in stages)
        if names != self._steps:
            found = ", ".join(names) or "none"
            raise TaskError(self._file, "stage.step", found[:200], f"a [[stage]] for each request, in order: {', '.join(self._steps)}"[:300])
        made = converted(table.staged, StagedTable, self._file, "staged") if table.staged else StagedTable("", "", 0)
        return Manifest(
            stages, tuple(self._item(each, k) for k, each in enumerate(table.memory)),
            tuple(self._constraint(each, k) for k, each in enumerate(table.constraint)),
            tuple(self._milestone(each, k) for k, each in enumerate(table.milestone)),
            made.family, made.tier, made.seed if table.staged else None,
        )  # fmt: skip

    def _stage(self, data: dict[str, Any], k: int) -> Stage:
        made: StageTable = converted(data, StageTable, self._file, _at("stage", data.get("step"), k))
        if made.distance is not None and made.distance < 0:
            raise TaskError(self._file, f"stage {made.step}.distance", made.distance, "a number of tokens")
        return Stage(made.step, made.template, made.interlude, made.distance)

    def _item(self, data: dict[str, Any], k: int) -> Item:
        at = _at("memory", data.get("id"), k)
        made: MemoryTable = converted(data, MemoryTable, self._file, at)
        since = 0 if made.since == START else self._number(made.since, f"{at}.from")
        until = None if made.until is None else self._number(made.until, f"{at}.until")
        if made.guess is not None and not 0 <= made.guess <= 1:
            raise TaskError(self._file, f"{at}.guess", made.guess, "a share from 0 to 1")
        return Item(
            made.id, made.kind, made.text, made.fingerprints, since, until, made.recoverable, made.manner, made.habit, made.exposure,
            made.supersedes, made.value, made.former, guess=made.guess,
        )  # fmt: skip

    def _constraint(self, data: dict[str, Any], k: int) -> Constraint:
        at = _at("constraint", data.get("item"), k)
        made: ConstraintTable = converted(data, ConstraintTable, self._file, at)
        return Constraint(
            made.item, predicate(made.predicate, self._file, f"{at}.predicate"),
            occasion(made.occasion, self._file, f"{at}.occasion", self._known),
        )  # fmt: skip

    def _milestone(self, data: dict[str, Any], k: int) -> Milestone:
        at = _at("milestone", data.get("id"), k)
        made: MilestoneTable = converted(data, MilestoneTable, self._file, at)
        until = None if made.until is None else self._number(made.until, f"{at}.until")
        return Milestone(
            made.id, made.point, self._number(made.stage, f"{at}.stage"), predicate(made.predicate, self._file, f"{at}.predicate"),
            made.scope, made.items, made.depends, until,
        )  # fmt: skip

    def _known(self, name: str) -> int | None:
        return self._steps.index(name) + 1 if name in self._steps else None

    def _number(self, name: str, at: str) -> int:
        found = self._known(name)
        if found is None:
            raise TaskError(self._file, at, repr(name[:80]), f"the name of a step: {', '.join(self._steps)}"[:300])
        return found


def _at(table: str, name: object, k: int) -> str:
    """How a complaint names one of many tables."""
    return f"{table} {name}" if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 60 else f"{table} {k + 1}"
