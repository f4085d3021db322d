"""run_trial(): the whole of one trial, every try and fault of it on record."""

from __future__ import annotations

from typing import Literal

import msgspec

from harness.core.errors import (
    HarnessError,
    MachineGoneError,
    MissingError,
    ModelError,
    ModelGoneError,
    SandboxError,
    StoreError,
    UserError,
)
from harness.core.events import Trace, TrialBroke, TrialInterrupted, TrialStarted
from harness.core.parts import plain
from harness.core.ports import Pen
from harness.engine.attempt import attempt
from harness.engine.past import Parted
from harness.engine.recorder import Recorder
from harness.engine.world import BETWEEN_TRIES_S, Interrupted, Job, World
from harness.metrics.tries import of


def run_trial(job: Job, world: World, pen: Pen, past: Trace = ()) -> None:
    """Runs tries until one is whole or faults of the world used them up. Raises StoreError; Interrupted, MachineGoneError and ModelGoneError once on record."""
    record = Recorder(job.key, pen, world.clock.now, world.observer, past)
    if past and not isinstance(past[-1].event, (TrialBroke, TrialInterrupted)):
        record(TrialBroke("harness", "the process of this try died", will_retry=True))
    before = len(of(past, TrialStarted))
    for number in range(before + 1, before + job.tries + 1):
        limits = msgspec.json.encode(job.limits).decode()
        record(TrialStarted(job.key, number, job.past.parent if job.past else None, job.seed, job.digests, limits, job.host))
        broke = _try(job, world, record, more=number < before + job.tries)
        if broke is None or not broke.will_retry:
            return
        if broke.where in ("model", "sandbox"):
            world.clock.sleep(BETWEEN_TRIES_S)


def _try(job: Job, world: World, record: Recorder, *, more: bool) -> TrialBroke | None:
    """One try; the fault that ended it is recorded and returned. The only broad except of the house is here."""
    try:
        attempt(job, world, record)
    except StoreError:
        raise
    except Interrupted as wish:
        record(TrialInterrupted(str(wish)))
        raise
    except (MachineGoneError, ModelGoneError) as fault:
        lost = isinstance(fault, MachineGoneError) or job.local
        where: Literal["sandbox", "model"] = "sandbox" if isinstance(fault, MachineGoneError) else "model"
        broke = TrialBroke(where, plain(str(fault))[:4000], will_retry=lost or more)
        record(broke)
        if lost and not more:  # where no trial can run none is given up: it stays pending, for the day the engine or the server answers again
            raise
        return broke
    except Exception as fault:  # noqa: BLE001  a plugin's stray fault must end a try, not the night
        broke = _blamed(fault, more=more)
        record(broke)
        return broke
    else:
        return None


def _blamed(fault: Exception, *, more: bool) -> TrialBroke:
    text = plain(str(fault))[:4000]
    match fault:
        case ModelError() | SandboxError():
            where = "model" if isinstance(fault, ModelError) else "sandbox"
            return TrialBroke(where, text, more and fault.retryable)  # type: ignore[arg-type]
        case Parted():
            return TrialBroke("harness", text, will_retry=False)
        case UserError():
            return TrialBroke("task", text, will_retry=False)
        case MissingError() | HarnessError():
            return TrialBroke("sandbox", text, will_retry=False)
        case _:
            return TrialBroke("harness", f"{type(fault).__name__}: {text}", will_retry=False)
