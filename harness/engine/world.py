"""The wired parts that one trial needs, as one frozen record; put together by wiring, taken apart by nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Literal, TypeAlias

import msgspec

from harness.core.agent import Agent
from harness.core.events import Digests
from harness.core.ports import Blobs, Grader, Images, Model, Observer, Sandboxes, Say, Slot, Tool
from harness.core.recorded import Lines
from harness.core.task import Limits, TaskSpec
from harness.core.trial import TrialKey
from harness.engine.fork import Past
from harness.engine.gaze import Look

BETWEEN_TRIES_S = 15.0
"""A server or an engine that died needs a moment to come back; asking again at once would waste the try."""


class Interrupted(Exception):
    """The user asked to stop: no new wishes; the trial is pending."""


class Clock(msgspec.Struct, frozen=True):
    """Monotonic seconds, a way to wait, and whether the user asked to stop (seconds since, or None)."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    interrupted: Callable[[], float | None]


Door: TypeAlias = Callable[[Callable[[float], None]], AbstractContextManager[Model]]
"""Opens a model; what it is given is told the seconds that a place for that was waited for."""


class World(msgspec.Struct, frozen=True):
    """`model` opens (or hands out) the trial's model; None for agents that ask nobody."""

    agent: Agent
    tools: Mapping[str, Tool]
    model: Door | None
    sandboxes: Sandboxes
    images: Images
    lines: Lines
    grader: Grader
    blobs: Blobs
    slot: Slot
    clock: Clock
    observer: Observer
    say: Say
    gpu: Callable[[], str]
    """What the graphics cards are doing, in their tool's words, or ""."""


class Job(msgspec.Struct, frozen=True):
    """What to run: the task, its key and short id, limits, the sampling seed, digests for the record. `tries` bounds faults of the world."""

    task: TaskSpec
    key: TrialKey
    short: str
    limits: Limits
    seed: int | None
    digests: Digests
    host: str
    tries: int = 2
    past: Past | None = None
    """What a fork, or a try that goes on, begins with."""
    ways: Literal["conversation", "fresh"] = "conversation"
    """How the steps of a task are asked for: one after the other of one conversation, or each of a new one."""
    local: bool = False
    """The model's server is one of the user's own: where nobody answers there, no trial of this model can run."""
    forkable: bool = False
    """Keep the machine as an image after each turn that leaves something changed outside the workspace."""
    counting: bool = False
    """One turn in twenty is counted once more, independently."""
    gaze: Look | None = None
    """How a replay of a point is looked at; None for every other trial."""
