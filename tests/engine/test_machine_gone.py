"""Where no engine answers no trial can run: none is broken for it, and each is given a moment and a second chance first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.idle import create as idle
from harness.core.errors import MachineGoneError, SandboxError
from harness.core.events import TrialBroke, TrialStarted
from harness.core.grammar import violations
from harness.core.ports import Order, Sandbox
from harness.engine.trial import run_trial
from harness.engine.world import BETWEEN_TRIES_S
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from sandboxes.host import create as host
from tests.engine.doubles import KEY, OneWord, Shelf, job, stage


class Away:
    """Sandboxes whose engine is away for the first so many times."""

    def __init__(self, times: int) -> None:
        self.times = times

    @contextmanager
    def open(self, order: Order) -> Iterator[Sandbox]:
        if self.times:
            self.times -= 1
            raise MachineGoneError("no Docker Engine answers")
        with host().open(order) as sandbox:
            yield sandbox


def test_a_trial_without_an_engine_stays_pending(tmp_path: Path) -> None:
    """Its tries end as broken by the sandbox, each to be repeated, and the caller hears that the machine is gone."""
    here = stage(tmp_path)
    with pytest.raises(MachineGoneError):
        run_trial(job(tmp_path), here.world(idle(), images=Shelf(MachineGoneError("no Docker Engine answers"))), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert [(each.where, each.will_retry) for each in of(trace, TrialBroke)] == [("sandbox", True)] * 2
    assert judge(job(tmp_path).task.check, trace).outcome == "pending"
    assert here.time.slept == [BETWEEN_TRIES_S]


def test_an_engine_that_comes_back_is_waited_for(tmp_path: Path) -> None:
    """The second try finds it."""
    here = stage(tmp_path)
    run_trial(job(tmp_path), here.world(idle(), sandboxes=Away(1)), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert [each.number for each in of(trace, TrialStarted)] == [1, 2]
    assert judge(job(tmp_path).task.check, trace).outcome == "passed"
    assert here.time.slept == [BETWEEN_TRIES_S]


def test_grading_waits_for_the_engine_too(tmp_path: Path) -> None:
    """An engine that is away while the work is graded costs no work: grading alone begins anew, after a moment."""
    here = stage(tmp_path)
    grader = OneWord(SandboxError("container gone"))
    run_trial(job(tmp_path), here.world(idle(), grader=grader), here.store.begin(KEY))
    assert len(of(here.store.trace(KEY), TrialStarted)) == 1
    assert len(grader.orders) == 2
    assert here.time.slept == [BETWEEN_TRIES_S]
