"""What a replay needs: the recorded image, today's tools and agent, and a store beside the record's that leaves the record as it is."""

from __future__ import annotations

import importlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from harness.core.agent import Agent
from harness.core.errors import MissingError, PlanError, SandboxError, TaskError
from harness.core.events import Trace
from harness.core.machine import PreparedImage
from harness.core.ports import Images, Sandboxes, Say, Tool
from harness.core.task import TaskSpec
from harness.core.trial import TrialKey
from harness.engine.fork import Past, forked
from harness.engine.past import Parted, determinism
from harness.engine.replay import Rig
from harness.engine.replay_record import led
from harness.engine.steps import Get, assignment, ended, steps
from harness.plan import Plan
from harness.settings import Settings
from harness.store.lines import RunLines
from harness.store.objects import bare
from harness.store.readback import reading
from harness.store.sqlite import RunStore
from harness.wiring.foreign import Foreign, PluginFault
from harness.wiring.forking import fork_of, through
from harness.wiring.machines import client, has_image
from harness.wiring.predicted import kept
from harness.wiring.shop import agent, images, sandboxes, tools


class Workshop(msgspec.Struct, frozen=True):
    """The machines of one run's replays."""

    plan: Plan
    settings: Settings
    sandboxes: Sandboxes
    images: Images
    patch: Callable[[TrialKey], bytes] = lambda _key: b""
    """Of a trial, one that was made elsewhere."""

    def worker(self, key: TrialKey, task: TaskSpec) -> tuple[Agent, dict[str, Tool]]:
        """Today's agent of a trial and its tools. Raises PlanError."""
        entry = next((entry for entry in self.plan.agents if entry.use == key.agent), None)
        if entry is None:
            raise PlanError("", "agents.use", repr(key.agent), "an agent of the plan")
        made = agent(entry, task)
        return made, tools(made, task, self.plan, self.patch(key))

    def image(self, task: TaskSpec, digest: str, say: Say) -> PreparedImage:
        """The image a trial ran from, if its task has changed or gone, too. Raises MissingError where this machine can't have the same one."""
        if (found := self._kept(digest)) is not None:
            return found
        short = digest.removeprefix("sha256:")[:12]
        mend = "`longhaul images load` an image saved where it ran, or run the task anew"
        try:
            made = self.images.prepare(task.place, say)
        except (TaskError, MissingError, SandboxError) as fault:
            raise MissingError(f"the image {short} that {task.id} ran from, and it can't be prepared again ({fault})", mend) from fault
        if made.digest != digest:
            now = made.digest.removeprefix("sha256:")[:12]
            raise MissingError(f"the image {short} that {task.id} ran from: preparing it again gives {now}", mend)
        return made

    def _kept(self, digest: str) -> PreparedImage | None:
        if str(self.plan.sandbox.get("use", "docker")) != "docker":
            return None
        found: PreparedImage | None = importlib.import_module("sandboxes.docker_kept").kept(client(self.settings), digest)
        return found


def workshop(plan: Plan, settings: Settings, store: RunStore | None = None) -> Workshop:
    """`store`: of the run whose trials are replayed, for patches that were made elsewhere. Raises MissingError where no engine answers."""
    made = Workshop(plan, settings, sandboxes(plan, settings), images(plan, settings))
    if store is None:
        return made
    patches, get = kept(store), store.blobs.get
    return msgspec.structs.replace(made, patch=lambda key: patches.of(key, get))


class Trial(msgspec.Struct, frozen=True):
    """The trial to replay: its record up to the try that is meant, and when that was made (seconds since 1970)."""

    key: TrialKey
    short: str
    task: TaskSpec
    trace: Trace
    then: tuple[float, float]


def past_of(shop: Workshop, store: RunStore, trial: Trial) -> Past | None:
    """What the trial's agent had lived through elsewhere, and the machine that was kept for it; None for one that began at the beginning.

    Raises MissingError where that machine is gone, StoreError.
    """
    fork = fork_of(store, trial.key)
    if fork is None or not led(trial.trace):
        return None
    if fork.image and not has_image(shop.settings, fork.image):
        raise MissingError(f"the machine {fork.image[:19]} that {trial.short} began in", "fork the trial anew: without its image it can't be replayed")
    return forked(fork, store.blobs.get, through)


def parting(shop: Workshop, trial: Trial, past: Past | None, get: Get) -> str:
    """The first wish at which today's agent, told what it was told, parts from the record, as a sentence; "" where it never does."""
    try:
        with Foreign("agent", f"{trial.key.agent} failed when it was led through the record", "an agent that wishes what it wished"):
            worker, held = shop.worker(trial.key, trial.task)
            specs = tuple(tool.spec for tool in held.values())
            led = past.conversation(worker, specs, get) if past else worker(assignment(trial.trace, get, specs))
            found = determinism(led, steps(trial.trace, get), ended(trial.trace))
    except (Parted, PluginFault) as fault:
        return str(fault)
    return str(found) if found else ""


@contextmanager
def rig(shop: Workshop, run: Path, trial: Trial, machine: tuple[PreparedImage, Past | None], step: Callable[[int], None]) -> Iterator[Rig]:
    """A rig whose trees go into a folder that is gone afterwards; it reads the run's objects and never writes there."""
    image, past = machine
    with tempfile.TemporaryDirectory(prefix="longhaul-replay-") as folder:
        beside = Path(folder)
        bare(beside / "trees.git")
        (beside / "trees.git" / "objects" / "info" / "alternates").write_text(f"{(run / 'trees.git' / 'objects').absolute()}\n", "utf-8")
        if (run / "bases").is_dir():
            shutil.copytree(run / "bases", beside / "bases")
        _, held = shop.worker(trial.key, trial.task)
        labels, lines = (("run", trial.key.run), ("trial", trial.short)), RunLines(beside, shop.sandboxes)
        with reading(beside / "trees.git") as objects:
            yield Rig(shop.sandboxes, image, trial.task.place, past, labels, held, lines, objects, trial.then, time.time, step)
