"""Proofs of tasks: the oracle and idle run like any other agents, their record is judged, and what it shows is kept on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
from rich.console import Console

from harness.cli.preparing.leaks import leaks
from harness.cli.preparing.permits import require_leave
from harness.cli.preparing.prelude import Ready
from harness.cli.running.evening import Evening
from harness.cli.running.founding import found as begin
from harness.cli.screen.layout import tell
from harness.core.errors import HarnessError, MachineGoneError, MissingError, SandboxError, StoreError, TaskError
from harness.core.events import PatchTaken
from harness.core.placing import shared
from harness.core.ports import Blobs, Images, Patch
from harness.core.task import Steps, TaskSpec, TestIds, places
from harness.core.trial import Reason, TrialKey
from harness.core.validation import Validation
from harness.grading.difference import unpacked
from harness.metrics.tries import last
from harness.metrics.validation import Tried, joined, validation
from harness.plan import NO_MODEL, AgentEntry, Combination, Plan, PlanLimits, RunLimits
from harness.settings import Settings
from harness.store.proofs import Proofs
from harness.wiring.digests import of_judges
from harness.wiring.shop import images

REFERENCES = (Combination("oracle", NO_MODEL), Combination("idle", NO_MODEL))
STOPPED = 130
UNSHARED = frozenset({Reason.ORACLE_FAILS, Reason.CANNOT_RUN, Reason.FLAKY})


class Hands(msgspec.Struct, frozen=True):
    """`plan` is the run's own, whose sandbox and leave hold for its proofs, too; `style` as for Evening."""

    plan: Plan
    settings: Settings
    console: Console
    style: str = "lines"

    def say(self, text: str) -> None:
        """Nothing among what a program reads, or where quiet was asked for."""
        if self.style == "lines":
            tell(self.console, text)

    @property
    def proofs(self) -> Proofs:
        return Proofs(self.settings.cache / "proofs")

    @property
    def shelf(self) -> Images:
        return images(self.plan, self.settings)


def prove(tasks: Sequence[TaskSpec], runs: int, hands: Hands, *, strict: bool = False) -> tuple[Validation, ...]:
    """The oracle `runs` times and idle once on each task, in a fresh container; where no oracle passes there, in the shared one.

    What was found is kept. `strict`: a task that spoils its own image raises instead of being found invalid.
    """
    made = _proved(tasks, runs, hands, strict=strict)
    alone = [_shared(task) for task, proof in zip(tasks, made, strict=True) if _may_share(task, proof)]
    if alone:
        hands.say(f"{len(alone)} with no oracle that passes in a fresh container: again in the agent's own")
        again = {proof.task: proof for proof in _proved(alone, runs, hands, strict=strict) if proof.healthy}
        made = tuple(msgspec.structs.replace(again[proof.task], shared=True) if proof.task in again else proof for proof in made)
    return tuple(_kept(proof, hands) for proof in made)


def _may_share(task: TaskSpec, proof: Validation) -> bool:
    """A reward script may look for more than what its workdir holds: installed packages, files elsewhere."""
    unproved = proof.reason in UNSHARED and proof.oracle[0] < proof.oracle[1]
    return unproved and task.solution is not None and shared(task.check) != task.check


def _shared(task: TaskSpec) -> TaskSpec:
    return msgspec.structs.replace(task, check=shared(task.check))


def _kept(proof: Validation, hands: Hands) -> Validation:
    """One without an image or with a broken trial shows nothing that holds tomorrow. Where it can't be kept it still holds now."""
    if proof.image and proof.reason != Reason.CANNOT_RUN:
        try:
            before = hands.proofs.find(proof.digest, proof.image, proof.harness, proof.under)
            hands.proofs.keep(joined(before, proof))
        except StoreError as fault:
            hands.say(f"note: {proof.task} is proved anew next time: {fault}")
    return proof


def _proved(tasks: Sequence[TaskSpec], runs: int, hands: Hands, *, strict: bool) -> tuple[Validation, ...]:
    agents = (AgentEntry("oracle"), AgentEntry("idle"))
    tasks = tuple(_undemanding(task) for task in tasks)
    # The run's hours and money are its own: a proof that they cut short would show nothing of the task.
    plan = msgspec.structs.replace(hands.plan, name="validate", models=(), attempts=runs, agents=agents, forkable=False, limits=PlanLimits(), run_limits=RunLimits())
    sources = {task.id: _prepared(hands, task, strict=strict) for task in tasks}
    spared = frozenset(task.id for task in tasks if task.solution is None or not sources[task.id])
    store = begin(Ready(plan, tasks, REFERENCES), hands.settings, "validate", skip=lambda key: _spared(key, spared))
    evening = Evening(Ready(plan, tasks, REFERENCES), hands.settings, hands.console, hands.style, store)
    _whole(evening, evening.pass_by(table=False))
    keys, judges = store.keys(), of_judges()
    tried: dict[str, list[Tried]] = {task.id: [] for task in tasks}
    for row in evening.rows():
        tried[row.task].append(Tried(row, store.trace(keys[row.trial])))
    return tuple(
        msgspec.structs.replace(
            validation(task, tried[task.id], evening.run, leaks(task, hands.shelf, worked(tried[task.id], store.blobs)) if sources[task.id] else ()),
            image=sources[task.id], harness=judges, under=under(task, hands.plan), made=time.strftime("%Y-%m-%d"),
        )
        for task in tasks
    )  # fmt: skip


def worked(tried: Sequence[Tried], blobs: Blobs) -> Patch | None:
    """What the oracle made of the workspace, None where it made nothing."""
    made = [taken for each in tried if each.row.agent == "oracle" and (taken := last(each.trace, PatchTaken))]
    return unpacked(blobs.get(made[0].blob)) if made else None


def _whole(evening: Evening, code: int) -> None:
    """Half a validation shows nothing, least of all that a task needs another container. Raises KeyboardInterrupt for a stop, HarnessError."""
    if code == STOPPED:
        raise KeyboardInterrupt
    if pending := sum(row.outcome == "pending" for row in evening.rows()):
        raise HarnessError(f"the validation {evening.run} ended with {pending} trials pending; nothing of it is kept")


def _undemanding(task: TaskSpec) -> TaskSpec:
    """Which mutants an oracle fails is what a proof is to find: one that it passes is no fault of the task."""
    return msgspec.structs.replace(task, check=msgspec.structs.replace(task.check, twin=())) if isinstance(task.check, TestIds) else task


def under(task: TaskSpec, plan: Plan) -> str:
    """What flags and options make of a task and its machine, which its digest does not hold: a proof holds under the same words alone. Pure."""
    words = [f"sandbox.{name}={value}" for name, value in sorted(plan.sandbox.items())]
    words += [f"grading.timeout_s={plan.grading.timeout_s:g}"] if plan.grading.timeout_s is not None else []
    words += [f"steps={plan.steps}"] if isinstance(task.check, Steps) and plan.steps != "conversation" else []
    words += ["network=public"] if any(place.network == "public" and not place.network_asked for place in places(task)) else []
    return " ".join(words)


def _prepared(hands: Hands, task: TaskSpec, *, strict: bool) -> str:
    """As `image_of` says it, "" for one that can't be made: its idle trial records why; `strict`: the user refused it."""
    try:
        ready = hands.shelf.prepare(task.place, hands.say)
        made = image_of(task, hands.shelf)
    except (TaskError, SandboxError, MissingError) as fault:
        if strict or isinstance(fault, MachineGoneError):
            raise
        hands.say(f"{task.id}: {fault}")
        return ""
    if ready.user.uid == 0:
        require_leave(task, ready.user.name or "uid 0", hands.plan.allow)
    return made


def image_of(task: TaskSpec, shelf: Images) -> str:
    """Digests of what its machines are made of: the agent's, and with it those that grade where they are others."""
    found = dict.fromkeys(shelf.prepare(place, lambda _text: None).source_digest for place in places(task))
    return " ".join(found)


def _spared(key: TrialKey, unsolved: frozenset[str]) -> bool:
    """Idle once is enough: a task that idle passes once is worthless. An oracle without a solution or an image has nothing to show."""
    return key.attempt > 1 if key.agent == "idle" else key.task in unsolved
