"""What is done in a machine before an agent works there and after: health, hooks, and what is taken along."""

from __future__ import annotations

import msgspec


class Health(msgspec.Struct, frozen=True):
    """A machine is ready once `command` ends with 0. Seconds; failures during `start_period` are not among the `retries` allowed."""

    command: str
    interval: float = 5
    deadline: float = 30
    start_period: float = 0
    start_interval: float = 5
    retries: int = 3


class Hook(msgspec.Struct, frozen=True):
    """A command run in the agent's machine once the agent has stopped; its failure is told and costs nothing. Seconds."""

    command: str
    deadline: float = 60


class Artifact(msgspec.Struct, frozen=True):
    """A file or folder of the agent's machine that is re-created where the work is graded; `exclude`: patterns of names left out."""

    source: str
    exclude: tuple[str, ...] = ()
