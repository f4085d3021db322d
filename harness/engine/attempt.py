"""One try of a trial: open the model and the sandbox, let the agent work, take what it made, and have it graded in a fresh place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import msgspec

from harness.core.agent import Assignment, Given, Stop
from harness.core.chat import ModelRequest
from harness.core.errors import (
    Blame,
    Fault,
    HarnessError,
    MissingError,
    ModelError,
    ModelGoneError,
    PlanError,
    TaskError,
)
from harness.core.events import AgentStopped, ModelOpened, ResourcesSeen, ViewEdited
from harness.core.machine import PreparedImage
from harness.core.observed import Observed
from harness.core.parts import plain
from harness.core.ports import GradeOrder, Model, Order
from harness.core.task import Steps, places
from harness.core.tree import Base
from harness.engine.anew import renamed
from harness.engine.asking import Asking, waited
from harness.engine.bench import Bench, ordered
from harness.engine.course import Course, StepCourse
from harness.engine.drive import Driver
from harness.engine.handover import Yard, grade, hand_over, labels
from harness.engine.known import Known
from harness.engine.observing import Window
from harness.engine.readiness import trouble
from harness.engine.recorder import Recorder
from harness.engine.steps import MAX_OUTPUT
from harness.engine.world import Door, Job, World


def attempt(job: Job, world: World, record: Recorder) -> None:
    """Raises ModelError, SandboxError, TaskError, StoreError, Interrupted; what happened before is on record."""
    with ExitStack() as stack:
        # Before anything else, so that waiting for a place at it stands alone in the record and is charged to nobody.
        model = stack.enter_context(_opened(world.model, lambda seconds: waited(seconds, record))) if world.model else None
        if model:
            record(ModelOpened(model.facts))
        able(job, model)
        # The machines that grade, too: one that can't be made is better known before the work than after it.
        image, *_ = [world.images.prepare(place, world.say) for place in places(job.task)]
        base = world.lines.base(image, job.task.place)
        yard, order = _work(job, world, record, (image, base, model))
    if order is not None:
        grade(yard, order)


def able(job: Job, model: Model | None) -> None:
    """Raises TaskError where the task has something for its agent that an agent of ours with a model would not be given."""
    needs = job.task.brief.needs
    if model is not None and needs:
        raise TaskError(job.task.id, ", ".join(needs), "in the task", "none for agents that ask a model: they can't use it")


@contextmanager
def _opened(model: Door, tell: Callable[[float], None]) -> Iterator[Model]:
    """What was there when the run began and is not now is the server's fault, not the task's: it may come back. Raises ModelError."""
    with ExitStack() as stack:
        try:
            held = stack.enter_context(model(tell))
        except MissingError as gone:
            raise ModelGoneError(str(gone)) from gone
        except ModelError as fault:
            raise (ModelGoneError(fault.text) if fault.fault is Fault.CONNECTION else fault) from fault
        except PlanError as wrong:
            raise ModelError(Fault.BAD_REQUEST, str(wrong), blame=Blame.HARNESS) from wrong
        yield held


def _work(job: Job, world: World, record: Recorder, start: tuple[PreparedImage, Base, Model | None]) -> tuple[Yard, GradeOrder | None]:
    """The agent's work and how it is to be graded; None where that is done, or where there is more of it than can be taken out."""
    image, base, model = start
    order = Order(image, job.task.place, (*labels(job), ("purpose", "agent")))
    with world.sandboxes.open(ordered(order, job.past)) as sandbox:
        stepped = isinstance(job.task.check, Steps)
        bench = Bench(sandbox, world.lines.line(), record, world.blobs, forkable=job.forkable and not stepped)
        bench.open(base, world.lines, job.past)
        yard = Yard(job, world, record, bench, image, base)
        _ready(yard)
        course = _course(yard)
        record(AgentStopped(_drive(yard, course, model)))
        bench.outside()
        record(ResourcesSeen(msgspec.structs.replace(sandbox.resources(), gpu=plain(world.gpu()))))
        if isinstance(course, Window):
            course.note()
        if course.graded:
            return yard, None
        return yard, hand_over(yard, course.last() if isinstance(course, StepCourse) else job.task.check, course.step)


def _ready(yard: Yard) -> None:
    """Raises TaskError where the task's own health check fails."""
    task, sandbox = yard.job.task, yard.bench.sandbox
    fault = trouble(task.place.health, sandbox, yard.world.clock) if task.place.health else ""
    if fault:
        raise TaskError(task.id, "healthcheck", fault, "a command that ends with 0")


def _course(yard: Yard) -> Course:
    """The requests that are still to be given; a try that goes on has had some."""
    job = yard.job
    if isinstance(job.task.check, Observed):
        if job.gaze is None:
            raise HarnessError("a replay whose item nobody looks for has no outcome")
        return Window(job.limits, job.gaze, yard.record)
    if isinstance(job.task.check, Steps):
        if job.past and job.past.given > 1:
            raise HarnessError("a task of several graded steps can't be gone on from: its machine was changed between them")
        return StepCourse(job.task.check, yard, job.ways, job.limits)
    return Course(job.task.brief.requests[job.past.given if job.past else 1 :], job.limits)


def _drive(yard: Yard, course: Course, model: Model | None) -> Stop:
    job, world, record, past = yard.job, yard.world, yard.record, yard.job.past
    known = Known(world.blobs, record)
    turn, replies, names, given = (past.parent.turn, past.replies, past.names, past.given) if past else (0, 0, 0, 0)
    asking = None
    if model:
        asking = Asking(
            model, _settings(job, world, model), world.slot, world.blobs, world.clock, known, turn=turn, replies=replies, counting=job.counting
        )  # fmt: skip
    driver = Driver(record, known, asking, yard.bench, world.clock, names=names, given=given)
    if past:
        conversation = past.conversation(world.agent, tuple(tool.spec for tool in world.tools.values()), world.blobs.get)
    else:
        conversation = world.agent(_assignment(job, world, model, driver.give(job.task.brief.requests[0])))
    stop = driver.drive(conversation, world.tools, world.blobs, course.limits, course.later())
    while (request := course.onward(stop)) is not None:
        _forgotten(asking, record)
        again = world.agent(_assignment(job, world, model, driver.give(request)))
        stop = driver.drive(renamed(again, course.step), world.tools, world.blobs, course.limits, course.later())
    return stop


def _forgotten(asking: Asking | None, record: Recorder) -> None:
    """A new conversation shows nothing of the one before: that is said before it is so."""
    names = asking.shown() if asking else ()
    if asking and names:
        record(ViewEdited("new step", names, (), "each step is a conversation of its own"))
        asking.confess(names)


def _settings(job: Job, world: World, model: Model) -> ModelRequest:
    """What every request of this trial has in common. The seed stands in the sampling, where the provider takes one."""
    facts = model.facts
    seeded = msgspec.structs.replace(facts.sampling, seed=None if facts.sampling.seed is None else job.seed)
    tools = tuple(tool.spec for tool in world.tools.values()) if "tools" in facts.capabilities else ()
    return ModelRequest((), tools, seeded, _window(facts.window.asked, facts.window.granted), facts.max_output, facts.thinking)


def _window(asked: int | None, granted: int | None) -> int | None:
    known = [tokens for tokens in (asked, granted) if tokens]
    return min(known) if known else None


def _assignment(job: Job, world: World, model: Model | None, first: Given) -> Assignment:
    told = job.limits if job.limits.tell else None
    if model is None:
        return Assignment(first, tuple(tool.spec for tool in world.tools.values()), None, MAX_OUTPUT, told)
    settings = _settings(job, world, model)
    return Assignment(first, settings.tools, settings.window, settings.max_output, told)
