"""One try of a trial: open the model and the sandbox, let the agent work, take what it made, and have it graded in a fresh place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath

import msgspec

from harness.core.agent import Assignment, Given, Stop
from harness.core.chat import ModelRequest
from harness.core.errors import Blame, Fault, MissingError, ModelError, PlanError, SandboxError, WorkspaceTooLargeError
from harness.core.events import AgentStopped, GradeRan, ModelOpened, PatchTaken, ResourcesSeen
from harness.core.machine import PreparedImage
from harness.core.parts import plain
from harness.core.ports import GradeOrder, Model, Order, Patch, Sandbox
from harness.core.recorded import Trees
from harness.core.tree import Base
from harness.engine.asking import Asking, waited
from harness.engine.bench import Bench, ordered
from harness.engine.drive import Driver
from harness.engine.known import Known
from harness.engine.recorder import Recorder
from harness.engine.steps import MAX_OUTPUT
from harness.engine.world import BETWEEN_TRIES_S, Door, Job, World
from harness.grading.difference import difference, packed


def attempt(job: Job, world: World, record: Recorder) -> None:
    """Raises ModelError, SandboxError, TaskError, StoreError, Interrupted; what happened before is on record."""
    with ExitStack() as stack:
        # Before anything else, so that waiting for a place at it stands alone in the record and is charged to nobody.
        model = stack.enter_context(_opened(world.model, lambda seconds: waited(seconds, record))) if world.model else None
        if model:
            record(ModelOpened(model.facts))
        image = world.images.prepare(job.task.place, world.say)
        base = world.lines.base(image, job.task.place)
        patch = _work(job, world, record, (image, base, model))
    if patch is not None:
        _grade(job, world, record, image, patch)


@contextmanager
def _opened(model: Door, tell: Callable[[float], None]) -> Iterator[Model]:
    """What was there when the run began and is not now is the server's fault, not the task's: it may come back. Raises ModelError."""
    with ExitStack() as stack:
        try:
            held = stack.enter_context(model(tell))
        except MissingError as gone:
            raise ModelError(Fault.CONNECTION, str(gone)) from gone
        except PlanError as wrong:
            raise ModelError(Fault.BAD_REQUEST, str(wrong), blame=Blame.HARNESS) from wrong
        yield held


def _work(job: Job, world: World, record: Recorder, start: tuple[PreparedImage, Base, Model | None]) -> Patch | None:
    """The agent's work, or None where there is more of it than can be taken out."""
    image, base, model = start
    order = Order(image, job.task.place, (*_labels(job), ("purpose", "agent")))
    with world.sandboxes.open(ordered(order, job.past)) as sandbox:
        bench = Bench(sandbox, world.lines.line(), record, world.blobs, forkable=job.forkable)
        bench.open(base, world.lines, job.past)
        stop = _drive(job, world, record, (bench, model))
        record(AgentStopped(stop))
        bench.outside()
        record(ResourcesSeen(msgspec.structs.replace(sandbox.resources(), gpu=plain(world.gpu()))))
        try:
            return _take(world, record, (sandbox, bench.trees, image), base)
        except WorkspaceTooLargeError as fault:
            record(GradeRan("apply", "fresh", ok=False, exit_code=None, ended=None, seconds=0.0, detail=str(fault)))
            return None


def _drive(job: Job, world: World, record: Recorder, held: tuple[Bench, Model | None]) -> Stop:
    (bench, model), past = held, job.past
    known = Known(world.blobs, record)
    turn, replies, names, given = (past.parent.turn, past.replies, past.names, past.given) if past else (0, 0, 0, 0)
    asking = None
    if model:
        settings = _settings(job, world, model)
        asking = Asking(model, settings, world.slot, world.blobs, world.clock, known, turn=turn, replies=replies)
    driver = Driver(record, known, asking, bench, world.clock, names=names, given=given)
    later = iter(job.task.brief.requests[given:])
    if past:
        conversation = past.conversation(world.agent, tuple(tool.spec for tool in world.tools.values()), world.blobs.get)
    else:
        conversation = world.agent(_assignment(job, world, model, driver.give(next(later))))
    return driver.drive(conversation, world.tools, world.blobs, job.limits, later)


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


def _take(world: World, record: Recorder, held: tuple[Sandbox, Trees, PreparedImage], base: Base) -> Patch:
    """What the engine hands out once only PID 1 lives; where the last tree seen says otherwise, that is on record."""
    sandbox, trees, image = held
    found = difference(base, sandbox.harvest(PurePosixPath(image.workdir)))
    seen, taken = trees.listing(), dict(found.oids)
    parted = sorted(path for path in seen.keys() | taken.keys() if seen.get(path) != taken.get(path))
    groups = (found.added, found.changed, found.removed, found.left_out, parted)
    added, changed, removed, left, differs = (tuple(map(plain, group)) for group in groups)
    record(PatchTaken(base.image, added, changed, removed, left, differs, world.blobs.put(packed(found.patch))))
    return found.patch


def _grade(job: Job, world: World, record: Recorder, image: PreparedImage, patch: Patch) -> None:
    """A machine that fails while grading does not cost the model its work: grading alone is tried again, on record."""
    order = GradeOrder(job.task, image, patch, _labels(job))
    for number in range(1, job.tries + 1):
        try:
            world.grader.grade(order, world.sandboxes, world.blobs, record)
        except SandboxError as fault:
            if number == job.tries:
                raise
            record(GradeRan("prepare", "fresh", ok=False, exit_code=None, ended=None, seconds=0.0, detail=f"the sandbox failed: {fault}"))
            world.clock.sleep(BETWEEN_TRIES_S)
        else:
            return


def _labels(job: Job) -> tuple[tuple[str, str], ...]:
    return (("run", job.key.run), ("trial", job.short))


