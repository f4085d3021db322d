"""The course of one try over its requests: what is asked next, under which limits, and, where steps are graded one by one, what each earned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from harness.core.agent import Stop
from harness.core.events import GradeRan
from harness.core.lived import StepEnded
from harness.core.machine import Ended, TreeEntry
from harness.core.task import GradedStep, Limits, Request, RewardScript, Steps
from harness.engine.handover import Yard, grade, hand_over
from harness.engine.readiness import trouble
from harness.metrics.steps import reached

Ways = Literal["conversation", "fresh"]
SETUP_S = 600.0
"""A step's set-up may take as long as building a task's image may by default."""
FURTHER = frozenset({Stop.ANSWERED, Stop.GAVE_UP, Stop.WINDOW, Stop.FAULT})
"""How a conversation of one step may end for the next to begin: what stopped it was not the trial's own limit."""


class Course:
    """The requests of a task that is graded once, at the end of the one conversation."""

    def __init__(self, requests: tuple[Request, ...], limits: Limits) -> None:
        self._rest, self._limits = list(requests), limits

    @property
    def graded(self) -> bool:
        """Whether all that was worked on is graded already."""
        return False

    @property
    def step(self) -> str:
        """The step that is worked on; "" where there are none."""
        return ""

    def limits(self) -> Limits:
        """Those of the request that is worked on."""
        return self._limits

    def later(self) -> Iterator[Request]:
        """What is asked in the same conversation whenever the turn is handed back."""
        while self._rest:
            yield self._rest.pop(0)

    def onward(self, _stop: Stop) -> Request | None:
        """The request with which another conversation begins once one has ended; None where the try is over."""
        return None


class StepCourse(Course):
    """Steps graded one by one: the machine stays, its processes end with each step. `ways` "fresh": a conversation for each, as Harbor has it."""

    def __init__(self, check: Steps, yard: Yard, ways: Ways, limits: Limits) -> None:
        """The first request is taken as given."""
        super().__init__(yard.job.task.brief.requests[1:], limits)
        self._check, self._yard, self._ways = check, yard, ways
        self._at, self._over, self._began = 0, False, yard.record.spent.tool_s

    @property
    def graded(self) -> bool:
        return self._over

    @property
    def step(self) -> str:
        return self._check.steps[self._at].name

    def limits(self) -> Limits:
        """The try's own, with what the step's bound on tools leaves; what earlier steps used is not charged to it."""
        bounds = [self._bound(), self._limits.tool_seconds]
        return msgspec.structs.replace(self._limits, tool_seconds=min((each for each in bounds if each is not None), default=None))

    def later(self) -> Iterator[Request]:
        while self._ways == "conversation":
            request = self._next(None)
            if request is None:
                return
            yield request

    def onward(self, stop: Stop) -> Request | None:
        fresh = self._ways == "fresh" and stop in FURTHER
        return self._next(stop) if fresh or (stop is Stop.TIME and self._timed_out()) else None

    def check_of(self, step: GradedStep) -> RewardScript:
        """The step's check under the plan's bound on tests, where the plan has one."""
        bound = self._check.deadline
        return step.check if bound is None else msgspec.structs.replace(step.check, deadline=bound)

    def last(self) -> RewardScript:
        """The check of the step that was worked on when the try ended."""
        return self.check_of(self._check.steps[self._at])

    def _bound(self) -> float | None:
        seconds = self._check.steps[self._at].seconds
        return None if seconds is None else self._began + seconds

    def _timed_out(self) -> bool:
        """By the step's own bound, not by the try's."""
        bound, spent, own = self._bound(), self._yard.record.spent, self._limits
        if bound is None or spent.tool_s < bound:
            return False
        return (own.tool_seconds is None or spent.tool_s < own.tool_seconds) and (own.seconds is None or spent.seconds < own.seconds)

    def _next(self, stop: Stop | None) -> Request | None:
        """Close the step, grade it, and prepare the next one; None where there is none, or where it may not begin. Raises SandboxError."""
        if self._over or self._at + 1 >= len(self._check.steps):
            return None
        step, yard = self._check.steps[self._at], self._yard
        yard.record(StepEnded(step.name, stop))
        yard.bench.look("harness")
        order = hand_over(yard, self.check_of(step), step.name)
        if order is not None:
            heard = _Heard(yard)
            grade(msgspec.structs.replace(yard, record=heard), order)
            self._over = not reached(step, heard.rewards)
        else:
            self._over = True
        return None if self._over else self._begun()

    def _begun(self) -> Request | None:
        self._at += 1
        step, yard = self._check.steps[self._at], self._yard
        fault = _prepared(step, yard)
        yard.bench.look("harness")
        self._began = yard.record.spent.tool_s
        if fault:
            self._over = True
            yard.record(GradeRan("prepare", "fresh", ok=False, exit_code=None, ended=None, seconds=0.0, detail=fault, step=step.name))
            return None
        return self._rest.pop(0)


class _Heard:
    """A recorder that remembers what the reading of a reward said."""

    def __init__(self, yard: Yard) -> None:
        self._record = yard.record
        self.rewards: tuple[tuple[str, float], ...] | None = None

    def __call__(self, event: object) -> None:
        if isinstance(event, GradeRan) and event.phase == "read":
            self.rewards = event.rewards if event.ok else None
        self._record(event)  # type: ignore[arg-type]


def _prepared(step: GradedStep, yard: Yard) -> str:
    """Lay the step's files, run its set-up and its health check; a sentence for what failed, or ""."""
    sandbox = yard.bench.sandbox
    sandbox.lay(TreeEntry(file.path.encode("utf-8", "surrogateescape"), "file", file.mode, len(file.data), file.data) for file in step.workdir)
    if step.setup:
        done = sandbox.exec((sandbox.facts.shell or "sh", "-c", step.setup), deadline=SETUP_S)
        if done.ended is not Ended.EXITED or done.exit_code != 0:
            said = (done.stderr or done.stdout).decode("utf-8", "replace").strip()[-200:]
            return f"{step.setup} ended with exit status {done.exit_code} ({done.ended}){f': {said}' if said else ''}"
    return trouble(step.health, sandbox, yard.world.clock) if step.health else ""
