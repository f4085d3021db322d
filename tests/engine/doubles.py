"""Hand-made parts for the engine's tests: a clock that jumps, a model that plays a tape, a grader that says one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from harness.core.agent import Agent, Assignment, Conversation
from harness.core.chat import Content, ModelRequest, Reply, ReplyStop, Text, Timing, ToolCall, Usage
from harness.core.errors import Wire
from harness.core.events import Digests, Entry, GradeRan
from harness.core.facts import ModelFacts
from harness.core.machine import Leak, Needs, PreparedImage
from harness.core.ports import Blobs, GradeOrder, Model, Needle, Progress, Record, Sandboxes, Say
from harness.core.task import Brief, GoldPatch, ImageTag, Limits, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TestResult, TrialKey
from harness.engine.world import Clock, Job, World
from harness.store.lines import RunLines
from harness.store.sqlite import RunStore, create
from sandboxes.host import create as host

KEY = TrialKey("run", "task", "tape", "tape/m", "", 1)
FACTS = ModelFacts("tape", "m", capabilities=("tools",))


class Time:
    """Monotonic seconds that pass only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept: list[float] = []
        self.stopping: float | None = None

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.at, self.sleep, lambda: self.stopping)


def say(*contents: Content, stop: ReplyStop = ReplyStop.END, tokens: int | None = 100) -> Reply:
    """A reply of these contents."""
    return Reply(contents, stop, str(stop), Usage(tokens, None, None, 10), Timing(0.1), Wire(b"asked", b"told", 200))


def call(name: str, arguments: str = "{}", ident: str = "c1") -> Reply:
    return say(ToolCall(ident, name, arguments), stop=ReplyStop.TOOL)


class TapeModel:
    """Plays its tape: replies are given, exceptions raised; what it was asked is kept."""

    def __init__(self, *tape: Reply | Exception) -> None:
        self.tape, self.asked, self.rendering = list(tape), list[ModelRequest](), ""
        self.facts, self.queued = FACTS, 0.0

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        self.asked.append(request)
        progress(1)
        now = self.tape.pop(0) if self.tape else say(Text("nothing more"))
        if isinstance(now, Exception):
            raise now
        return now

    def count(self, request: ModelRequest) -> int | None:
        return None

    def render(self, request: ModelRequest) -> str | None:
        return self.rendering or None

    @contextmanager
    def __call__(self, waited: Callable[[float], None]) -> Iterator[Model]:
        waited(self.queued)
        yield self


class OneWord:
    """A grader that says what it is told to; or raises it, once each."""

    def __init__(self, *faults: Exception, status: str = "passed") -> None:
        self.faults, self.status = list(faults), status
        self.orders: list[GradeOrder] = []

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        self.orders.append(order)
        record(GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0))
        if self.faults:
            raise self.faults.pop(0)
        results = (TestResult("t::new", self.status),)  # type: ignore[arg-type]
        record(GradeRan("read", "fresh", ok=True, exit_code=None, ended=None, seconds=0, results=results))


class Shelf:
    """An image for every place, or the fault it was given."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def prepare(self, place: Place, say: Say) -> PreparedImage:
        if self.fault:
            raise self.fault
        return PreparedImage("none", "sha256:none", "sha256:none", "amd64", "")

    def needs(self, places: tuple[Place, ...]) -> Needs:
        return Needs(())

    def leaks(self, place: Place, needles: tuple[Needle, ...]) -> tuple[Leak, ...]:
        return ()

    def newer(self, place: Place, newest: str) -> tuple[Leak, ...]:
        return ()

    def discard(self, image: str) -> None:
        """Nothing is kept."""


class Silent:
    def see(self, key: TrialKey, entry: Entry) -> None:
        """Nobody watches."""


class Written(msgspec.Struct, frozen=True):
    """An agent made of one generator function."""

    begin: object
    name: str = "written"
    prompts: tuple[str, ...] = ("p",)

    def tools(self) -> tuple[str, ...]:
        return ()

    def __call__(self, assignment: Assignment) -> Conversation:
        return self.begin(assignment)  # type: ignore[operator,no-any-return]


def task(folder: Path, *requests: str) -> TaskSpec:
    """A task whose repository is one file."""
    repository = folder / "repository"
    repository.mkdir(exist_ok=True)
    (repository / "a.txt").write_text("one\n")
    asked = tuple(Request(f"r{number}", text) for number, text in enumerate(requests or ("do it",), 1))
    check = TestIds("true", "junit", ("t::new",), ())
    place = Place(ImageTag("none"), upload=str(repository))
    return TaskSpec("task", "sha256:task", Brief(asked), place, check, Provenance("test"), solution=GoldPatch(b""))


class Stage(msgspec.Struct, frozen=True):
    """A run's store and everything one trial in it needs; the sandbox is a real folder."""

    store: RunStore
    time: Time

    def world(self, agent: Agent, model: TapeModel | None = None, **parts: object) -> World:
        """A world with these parts in place of the plain ones."""
        held = host()
        lines = RunLines(self.store.folder, held)
        slot = _free
        whole = World(agent, {}, model, held, Shelf(), lines, OneWord(), self.store.blobs, slot, self.time.clock(), Silent(), print, lambda: "a card")
        return msgspec.structs.replace(whole, **parts)


@contextmanager
def _free() -> Iterator[float]:
    yield 0.0


def stage(folder: Path) -> Stage:
    return Stage(create(folder / "run", (KEY,), {}), Time())


def job(folder: Path, *requests: str, limits: Limits | None = None, tries: int = 2) -> Job:
    return Job(task(folder, *requests), KEY, "t0001", limits or Limits(), 7, Digests("", "", "", ""), "host", tries)
