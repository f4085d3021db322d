"""Plays a case through the engine's real path: the agent's loop, tools, a sandbox, real trees, a real store; nothing is graded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import msgspec

from harness.core.agent import Agent
from harness.core.events import Digests, Entry, Trace
from harness.core.machine import Leak, Needs, PreparedImage
from harness.core.ports import Blobs, GradeOrder, Needle, Pen, Record, Sandboxes, Say, Tool
from harness.core.recorded import Lines
from harness.core.task import Brief, GoldPatch, ImageTag, Place, Provenance, TaskSpec, TestIds
from harness.core.trial import TrialKey
from harness.corpus.script import Base, Case
from harness.corpus.worker import Answer, PlayedWorker
from harness.engine.trial import run_trial
from harness.engine.world import Clock, Job, World
from harness.metrics.context.reading import scene
from harness.metrics.context.scene import Scene, Trees

IMAGE: Final = "longhaul/base:bookworm-1"
"""Where a sample is played in containers; the host sandbox looks at none."""
WORKDIR: Final = "/workspace"
NOTHING = Digests("", "", "", "")


class Kept(Protocol):
    """What of a run's store a played case needs."""

    @property
    def blobs(self) -> Blobs: ...

    def begin(self, key: TrialKey) -> Pen: ...

    def trace(self, key: TrialKey) -> Trace: ...


class Ground(msgspec.Struct, frozen=True):
    """Everything from outside this room, made by wiring. `worker`: the agent of a base, and its words that ask for a summary ("" for none);
    `tools` of a task; `image`: where `sandboxes` need a real one, else "". `folder`: where the files of a base may be laid.
    """

    worker: Callable[[Base], tuple[Agent, str]]
    tools: Callable[[Agent, TaskSpec], Mapping[str, Tool]]
    sandboxes: Sandboxes
    images: Callable[[TaskSpec], PreparedImage]
    lines: Lines
    store: Kept
    trees: Trees
    folder: Path


class Played(msgspec.Struct, frozen=True):
    """A case as it went. `turns`: name of a turn of the script -> turn of the trial; `answers`: every question to the model as its server saw it."""

    case: Case
    trace: Trace
    scene: Scene
    turns: Mapping[str, int]
    answers: tuple[Answer, ...]


def key(case: Case) -> TrialKey:
    """The trial of a case."""
    return TrialKey("corpus", case.name, case.base.agent, "corpus/worker", "", 1)


def play(case: Case, ground: Ground) -> Played:
    """Raises StoreError, and RuntimeError where the run did not come to its end: a fault of the corpus, not of a detector."""
    task = task_of(case, ground.folder)
    agent, summarise = ground.worker(case.base)
    model = PlayedWorker(case.base, summarise)
    trial = key(case)
    world = World(
        agent, ground.tools(agent, task), model, ground.sandboxes, _One(ground.images(task)), ground.lines, _Nobody(), ground.store.blobs,
        _free, _clock(), _Nobody(), _quiet, lambda: "",
    )  # fmt: skip
    pen = ground.store.begin(trial)
    run_trial(Job(task, trial, "t0001", case.base.limits, None, NOTHING, "corpus", tries=1), world, pen)
    trace = ground.store.trace(trial)
    made = scene(case.name, task, trace, ground.store.blobs.get, ground.trees)
    turns = {answer.say: answer.turn for answer in model.answers if answer.say and not answer.refused}
    return Played(case, trace, made, turns, tuple(model.answers))


def task_of(case: Case, folder: Path) -> TaskSpec:
    """The base as a task whose repository is laid below `folder`, once for each base. Raises OSError."""
    base = case.base
    digest = f"sha256:{name_of(base)}"
    place = folder / name_of(base)
    if not place.exists():
        for path, text in base.files:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_text(text)
    return TaskSpec(
        f"{base.name}-{base.seed}", digest, Brief(base.requests, base.test_command), Place(ImageTag(IMAGE), workdir=WORKDIR, upload=str(place)),
        TestIds("true", "junit", ("none",), ()), Provenance("corpus", kind="generated"), base.limits, GoldPatch(b""), memory=base.manifest,
    )  # fmt: skip


def name_of(base: Base) -> str:
    """Names the files that a base begins with."""
    return hashlib.sha256(msgspec.json.encode(base.files)).hexdigest()[:24]


class _One:
    """The one image there is."""

    def __init__(self, image: PreparedImage) -> None:
        self._image = image

    def prepare(self, _place: Place, _say: Say) -> PreparedImage:
        return self._image

    def needs(self, _places: tuple[Place, ...]) -> Needs:
        return Needs(())

    def leaks(self, _place: Place, _needles: tuple[Needle, ...]) -> tuple[Leak, ...]:
        return ()

    def newer(self, _place: Place, _newest: str) -> tuple[Leak, ...]:
        return ()

    def discard(self, image: str) -> None:
        """Nothing is kept."""


class _Nobody:
    """Grades nothing and watches nothing: detectors read what the agent did, not what a grader says of it."""

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        """No verdict is needed."""

    def see(self, key: TrialKey, entry: Entry) -> None:
        """Nobody watches."""


def _clock() -> Clock:
    """Time that stands still: nothing here depends on it, and traces of the same script are equal."""
    return Clock(lambda: 0.0, lambda _seconds: None, lambda: None)


def _quiet(_line: str) -> None:
    """Nobody is told."""


@contextmanager
def _free() -> Iterator[float]:
    yield 0.0
