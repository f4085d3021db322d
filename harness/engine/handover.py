"""What leaves an agent's machine for grading: the work as a difference, what else the task has collected, and at need the machine itself."""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from harness.core.errors import SandboxError, WorkspaceTooLargeError
from harness.core.events import GradeRan, PatchTaken
from harness.core.machine import Ended, PreparedImage
from harness.core.parts import plain
from harness.core.phases import Artifact, Hook
from harness.core.ports import GradeOrder, Patch, Sandbox
from harness.core.task import Check, Official, Place, RewardScript
from harness.core.tree import Base
from harness.engine.bench import Bench
from harness.engine.recorder import Recorder
from harness.engine.world import BETWEEN_TRIES_S, Job, World
from harness.grading.artifacts import LOGS, Found, carried
from harness.grading.difference import difference, packed
from harness.grading.script import mode

QUICK_S = 60.0
# Reward files of an earlier grading, and whatever the agent laid where hidden files will lie, go before the machine is kept; and who
# grades may be another user than who worked.
CLEARED = (
    "for at in /tests /logs/verifier; do rm -rf -- $at/* $at/.[!.]* $at/..?*; done; chmod 777 /tests /logs/verifier 2>/dev/null; true"
)
FILLED = '[ -e "$1" ] && { [ ! -d "$1" ] || [ -n "$(ls -A "$1")" ]; }'


class Yard(msgspec.Struct, frozen=True):
    """The agent's machine and all that is needed to grade what it holds. `image` and `base`: what it was started from."""

    job: Job
    world: World
    record: Recorder
    bench: Bench
    image: PreparedImage
    base: Base


def hand_over(yard: Yard, check: Check, step: str) -> GradeOrder | None:
    """Every process of the agent has ended then; None where there is more than can be taken out. Raises SandboxError, TaskError."""
    found: tuple[Found, ...] = ()
    told = GradeRan("collect", mode(check) if isinstance(check, RewardScript) else "fresh", True, None, None, 0.0, step=step)
    sandbox = yard.bench.sandbox
    try:
        for hook in check.collect if isinstance(check, RewardScript) else ():
            _run(hook, yard, told)
        patch = _work(yard)
        if isinstance(check, RewardScript):
            found = _collected((*check.artifacts, LOGS), sandbox, yard.record, told)
    except WorkspaceTooLargeError as fault:
        yard.record(msgspec.structs.replace(told, phase="apply", ok=False, detail=str(fault)))
        return None
    return _ordered(yard, check, step, (patch, found))


def grade(yard: Yard, order: GradeOrder) -> None:
    """A machine that fails while grading does not cost the model its work: grading alone is tried again, on record."""
    world, tries = yard.world, yard.job.tries
    kept = order.image.reference if _shared(order.task.check) else ""
    try:
        for number in range(1, tries + 1):
            if _graded(order, yard, last=number == tries):
                return
            world.clock.sleep(BETWEEN_TRIES_S)
    finally:
        if kept:
            world.images.discard(kept)


def _run(hook: Hook, yard: Yard, told: GradeRan) -> None:
    """A failure is told and costs nothing, as in Harbor."""
    sandbox = yard.bench.sandbox
    done = sandbox.exec((sandbox.facts.shell or "sh", "-c", hook.command), deadline=hook.deadline)
    ok = done.ended is Ended.EXITED and done.exit_code == 0
    log = yard.world.blobs.put(done.stdout + done.stderr)
    detail = plain(hook.command[:200]) if ok else f"warning: {plain(hook.command[:200])} failed"
    yard.record(
        msgspec.structs.replace(told, ok=ok, exit_code=done.exit_code, ended=done.ended, seconds=done.seconds, log=log, detail=detail)
    )


def _work(yard: Yard) -> Patch:
    """What the engine hands out once only PID 1 lives; where the last tree seen says otherwise, that is on record."""
    found = difference(yard.base, yard.bench.sandbox.harvest(PurePosixPath(yard.image.workdir)))
    seen, taken = yard.bench.trees.listing(), dict(found.oids)
    parted = sorted(path for path in seen.keys() | taken.keys() if seen.get(path) != taken.get(path))
    groups = (found.added, found.changed, found.removed, found.left_out, parted)
    added, changed, removed, left, differs = (tuple(map(plain, group)) for group in groups)
    blob = yard.world.blobs.put(packed(found.patch))
    yard.record(PatchTaken(yard.base.image, added, changed, removed, left, differs, blob))
    return found.patch


def _collected(wanted: tuple[Artifact, ...], sandbox: Sandbox, record: Recorder, told: GradeRan) -> tuple[Found, ...]:
    """Best effort: what is not there is said, and is no failure."""
    found, missing = [], []
    for artifact in dict.fromkeys(wanted):
        if sandbox.exec(("sh", "-c", FILLED, "sh", artifact.source), deadline=QUICK_S).exit_code == 0:
            found.append((artifact, sandbox.harvest(PurePosixPath(artifact.source))))
        elif artifact is not LOGS:
            missing.append(artifact.source)
    if found or missing:
        words = [f"collected {', '.join(artifact.source for artifact, _ in found)}"] if found else []
        words += [f"not there: {', '.join(missing)}"] if missing else []
        record(msgspec.structs.replace(told, ok=not missing, detail=plain("; ".join(words))))
    return tuple(found)


def _ordered(yard: Yard, check: Check, step: str, held: tuple[Patch, tuple[Found, ...]]) -> GradeOrder:
    job, (patch, found) = yard.job, held
    place = grading_place(job.task.place, check)
    image = yard.world.images.prepare(place, yard.world.say) if place != job.task.place else yard.image
    tar = carried(found, (image.user.uid, image.user.gid))
    if _shared(check):
        image, tar = _kept(yard, image), b""
    task = msgspec.structs.replace(job.task, place=place, check=check)
    return GradeOrder(task, image, patch, labels(job), step, tar)


def _shared(check: Check) -> bool:
    return isinstance(check, RewardScript) and check.shared and not check.separate


def _kept(yard: Yard, image: PreparedImage) -> PreparedImage:
    """The agent's machine as it is now, to be opened anew without its processes as whom `image` says."""
    sandbox = yard.bench.sandbox
    sandbox.exec(("sh", "-c", CLEARED), deadline=QUICK_S)
    kept = sandbox.keep("grading")
    if not kept:
        raise SandboxError("the agent's machine can't be kept here, so nothing can be graded in it")
    return msgspec.structs.replace(image, reference=kept, digest=kept, workdir=yard.image.workdir)


def _graded(order: GradeOrder, yard: Yard, *, last: bool) -> bool:
    try:
        yard.world.grader.grade(order, yard.world.sandboxes, yard.world.blobs, yard.record)
    except SandboxError as fault:
        if last:
            raise
        words = f"the sandbox failed: {fault}"
        yard.record(GradeRan("prepare", "fresh", ok=False, exit_code=None, ended=None, seconds=0.0, detail=words, step=order.step))
        return False
    return True


def grading_place(place: Place, check: Check) -> Place:
    """The check's own machine, else a fresh one of the agent's."""
    return check.place if isinstance(check, (RewardScript, Official)) and check.place is not None else place


def labels(job: Job) -> tuple[tuple[str, str], ...]:
    return (("run", job.key.run), ("trial", job.short))
