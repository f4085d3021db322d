"""The environment record of a run: each thing that took part, once, with the number of trials it took part in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import msgspec

from harness.core.facts import ModelFacts, Window
from harness.metrics.environment import Machine
from harness.metrics.row import Row

Thing = TypeVar("Thing", bound=Hashable)


class ModelRecord(msgspec.Struct, frozen=True):
    """A model as it was opened. `window` in tokens: asked, granted, trained, resident; `facts.sampling.origin` says whose values were sent."""

    model: str
    thinking: str
    window: Window
    facts: ModelFacts
    trials: int


class AgentRecord(msgspec.Struct, frozen=True):
    """Digests of what an agent was told and given."""

    agent: str
    prompts: str
    tools: str
    trials: int


class TaskRecord(msgspec.Struct, frozen=True):
    """A task with the image it ran in."""

    task: str
    digest: str
    source: str
    created: str
    languages: tuple[str, ...]
    oracle: bool
    image: str
    source_image: str
    trials: int


class MachineRecord(msgspec.Struct, frozen=True):
    """Containers alike in limits and confinement."""

    machine: Machine
    trials: int


class Named(msgspec.Struct, frozen=True):
    """A host, a harness, or limits as JSON text."""

    word: str
    trials: int


class Seed(msgspec.Struct, frozen=True):
    """The sampling seed of an attempt at a task: the same across models and agents."""

    task: str
    attempt: int
    seed: int


class Surroundings(msgspec.Struct, frozen=True):
    """Of the trials that began."""

    models: tuple[ModelRecord, ...]
    agents: tuple[AgentRecord, ...]
    tasks: tuple[TaskRecord, ...]
    machines: tuple[MachineRecord, ...]
    limits: tuple[Named, ...]
    hosts: tuple[Named, ...]
    harnesses: tuple[Named, ...]
    seeds: tuple[Seed, ...]


def surroundings(rows: Sequence[Row]) -> Surroundings:
    """Pending trials that never began say nothing."""
    begun = [row for row in rows if row.environment.harness]
    return Surroundings(
        tuple(ModelRecord(*each, trials) for each, trials in _models(begun)),
        tuple(AgentRecord(*each, trials) for each, trials in _counted(begun, lambda row: (row.agent, row.digests.prompt, row.digests.tools))),
        tuple(TaskRecord(*each, trials) for each, trials in _counted(begun, _task)),
        tuple(MachineRecord(each, trials) for each, trials in _counted(begun, lambda row: row.environment.machine) if each != Machine()),
        _named(begun, lambda row: row.environment.limits), _named(begun, lambda row: row.host), _named(begun, lambda row: row.environment.harness),
        tuple(sorted({Seed(row.task, row.attempt, row.environment.seed) for row in begun if row.environment.seed is not None}, key=_place)),
    )  # fmt: skip


def _models(rows: Sequence[Row]) -> list[tuple[tuple[str, str, Window, ModelFacts], int]]:
    found = _counted(rows, lambda row: (row.model, row.thinking, row.window, row.environment.model))
    return [((model, thinking, window, facts), trials) for (model, thinking, window, facts), trials in found if facts is not None]


def _task(row: Row) -> tuple[str, str, str, str, tuple[str, ...], bool, str, str]:
    return (
        row.task, row.digests.task, row.task_source, row.task_created, row.languages, row.oracle, row.digests.image,
        row.environment.machine.source_image,
    )  # fmt: skip


def _place(seed: Seed) -> tuple[str, int, int]:
    return (seed.task, seed.attempt, seed.seed)


def _named(rows: Sequence[Row], key: Callable[[Row], str]) -> tuple[Named, ...]:
    return tuple(Named(word, trials) for word, trials in _counted(rows, key) if word)


def _counted(rows: Sequence[Row], key: Callable[[Row], Thing]) -> list[tuple[Thing, int]]:
    """In the order in which they first appear."""
    return list(Counter(map(key, rows)).items())
