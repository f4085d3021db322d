"""What a trial ran on: who answered, what machine, which bounds; read from the openings of its latest try."""

from __future__ import annotations

import msgspec

from harness.core.events import ModelOpened, SandboxOpened, Trace, TrialStarted
from harness.core.facts import ModelFacts
from harness.metrics.tries import last


class Machine(msgspec.Struct, frozen=True):
    """The container's limits and how far it was confined; `memory` in bytes, 0 and "" where none was opened."""

    engine: str = ""
    source_image: str = ""
    shell: str = ""
    confinement: str = ""
    cpus: float = 0.0
    memory: int = 0
    pids: int = 0


class Environment(msgspec.Struct, frozen=True):
    """`limits` in the words of core.task.Limits, as JSON text; `harness` is version and digest; `model` None where none was asked."""

    harness: str = ""
    limits: str = ""
    seed: int | None = None
    model: ModelFacts | None = None
    machine: Machine = Machine()


def environment(now: Trace) -> Environment:
    """Of one try; what was not opened is empty."""
    started, opened = last(now, TrialStarted), last(now, ModelOpened)
    if started is None:
        return Environment()
    return Environment(started.digests.harness, started.limits, started.seed, opened.facts if opened else None, _machine(now))


def _machine(now: Trace) -> Machine:
    opened = last(now, SandboxOpened)
    if opened is None:
        return Machine()
    facts = opened.facts
    return Machine(facts.engine, facts.source_image, facts.shell, facts.confinement.mode, facts.cpus, facts.memory, facts.pids)
