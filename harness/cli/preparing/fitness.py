"""Health before models: a task without a proof is proved first, an unhealthy one is refused, and what the proofs know comes along."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from harness.cli.preparing.prelude import Ready
from harness.cli.preparing.proving import Hands, image_of, prove, under
from harness.core.errors import TaskError
from harness.core.facts import played
from harness.core.placing import shared
from harness.core.task import TaskSpec, TestIds
from harness.core.validation import Validation
from harness.metrics.validation import without
from harness.plan import NO_MODEL, Allowed
from harness.report.summary import counted
from harness.wiring.digests import of_judges

SHOWN = 5


def fit(ready: Ready, hands: Hands) -> Ready:
    """The plan's tasks with what is known of their health. Raises TaskError for tasks that are unfit, unless the plan allows them.

    Where nobody real is asked there is nobody to wrong: such a run takes what proofs there are, and asks for none.
    """
    known = _known(ready.tasks, hands)
    bare = [task for task in ready.tasks if task.id not in known]
    if _asks(ready) and not ready.plan.allow.unvalidated:
        known |= {proof.task: proof for proof in _proved(bare, hands)}
        _refuse(known[task.id] for task in ready.tasks)
        _refuse_shared(known.values(), ready.plan.allow)
    tasks = tuple(fitted(task, known.get(task.id), asked=_asks(ready)) for task in ready.tasks)
    return msgspec.structs.replace(ready, tasks=tasks)


def _proved(bare: list[TaskSpec], hands: Hands) -> tuple[Validation, ...]:
    if not bare:
        return ()
    once = f"{counted(len(bare), 'task')} without a proof of health: oracle and idle once each, before any model"
    hands.say(f"{once} (kept; `longhaul validate -n 5` also finds tests that flip)")
    return prove(bare, 1, hands)


def _known(tasks: Iterable[TaskSpec], hands: Hands) -> dict[str, Validation]:
    judges, shelf, proofs = of_judges(), hands.shelf, hands.proofs
    found = ((task.id, proofs.find(task.digest, image_of(task, shelf), judges, under(task, hands.plan))) for task in tasks)
    return {task: proof for task, proof in found if proof is not None}


def _asks(ready: Ready) -> bool:
    return any(pair.model != NO_MODEL and not played(pair.model) for pair in ready.combinations)


def _refuse(proofs: Iterable[Validation]) -> None:
    """Raises TaskError with every task that no verdict could be trusted on."""
    unfit = [f"{proof.task} ({proof.reason}: {'; '.join(proof.evidence[:1]) or 'see its record'})" for proof in proofs if not proof.healthy]
    if unfit:
        more = f" and {len(unfit) - SHOWN} more" if len(unfit) > SHOWN else ""
        expected = "healthy tasks: leave them out, mend them (`longhaul validate`), or --unvalidated"
        raise TaskError("", "tasks", f"{counted(len(unfit), 'unhealthy task')}: {', '.join(unfit[:SHOWN])}{more}", expected)


def _refuse_shared(proofs: Iterable[Validation], allow: Allowed) -> None:
    """Raises TaskError: in the container that an agent worked in it can have prepared its own reward."""
    forgeable = [proof.task for proof in proofs if proof.healthy and proof.shared]
    if forgeable and not (allow.shared or allow.harbor):
        found = f"{', '.join(forgeable[:SHOWN])}, whose oracle passes only in the agent's own container"
        raise TaskError("", "tasks", found, "tasks that a fresh container can judge, or --allow-shared")


def fitted(task: TaskSpec, proof: Validation | None, *, asked: bool) -> TaskSpec:
    """The task with what its proof knows. Pure."""
    if proof is None:
        return msgspec.structs.replace(task, doubts=("unvalidated",)) if asked else task
    doubts = () if proof.healthy else (f"unhealthy: {proof.reason}",)
    check = task.check
    if isinstance(check, TestIds) and proof.twin is not None:
        task = msgspec.structs.replace(task, check=msgspec.structs.replace(check, twin=proof.twin))
    if proof.shared:
        task = msgspec.structs.replace(task, check=shared(check))
        doubts = (*doubts, "forgeable: graded in the agent's own container")
    left = without(task, proof.flaky)
    gone = left.check.quarantined if isinstance(left.check, TestIds) else ()
    return msgspec.structs.replace(left, doubts=(*doubts, *((f"{counted(len(gone), 'flaky test')} left out",) if gone else ())))
