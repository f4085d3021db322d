"""Tries that ended badly before or between the work: whose fault they are, and what the record says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.coder import create as coder
from agents.idle import create as idle
from harness.core.errors import MissingError, PlanError
from harness.core.events import TrialBroke, TrialStarted
from harness.core.grammar import violations
from harness.core.ports import Model
from harness.engine.trial import run_trial
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from tests.engine.doubles import KEY, job, stage


@pytest.mark.parametrize(
    ("fault", "tries"), [(MissingError("no server answers", "start it"), 2), (PlanError("", "window", 9, "at most 8"), 1)]
)
def test_a_model_that_can_not_be_opened_any_more_is_the_servers(tmp_path: Path, fault: Exception, tries: int) -> None:
    """It was there when the run began: the task is not invalid and the sandbox not at fault; a server that is gone may come back."""

    here = stage(tmp_path)

    @contextmanager
    def gone(_waited: object) -> Iterator[Model]:
        raise fault
        yield

    run_trial(job(tmp_path), here.world(coder(), model=gone), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert len(of(trace, TrialBroke)) == tries
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("broken", "model")


def test_a_try_whose_process_died_is_closed_before_the_next(tmp_path: Path) -> None:
    """A record that breaks off is still lawful once the trial is taken up again: the dead try is named, then the next begins."""
    first, second = stage(tmp_path / "first"), stage(tmp_path / "second")
    run_trial(job(tmp_path), first.world(idle()), first.store.begin(KEY))
    past = first.store.trace(KEY)[:3]
    pen = second.store.begin(KEY)
    for entry in past:
        pen(entry)
    run_trial(job(tmp_path), second.world(idle()), second.store.begin(KEY), past)
    trace = second.store.trace(KEY)
    assert violations(trace) == ()
    assert [each.will_retry for each in of(trace, TrialBroke)] == [True]
    assert [each.number for each in of(trace, TrialStarted)] == [1, 2]
    assert judge(job(tmp_path).task.check, trace).outcome == "passed"
