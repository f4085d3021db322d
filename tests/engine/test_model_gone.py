"""Where the server of a model of one's own opens it no more, no trial of it is broken for that: it stays pending, after a moment and a second chance."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from agents.tools.finish import create as finish
from harness.core.errors import Fault, MissingError, ModelError, ModelGoneError
from harness.core.events import TrialBroke, TrialStarted
from harness.core.grammar import violations
from harness.core.ports import Model
from harness.engine.trial import run_trial
from harness.engine.world import BETWEEN_TRIES_S, Door, Job
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from tests.engine.doubles import KEY, TapeModel, call, job, stage

FINISH = call("finish", json.dumps({"done": "all", "not_done": ""}), "c9")
GONE = MissingError("no Ollama server answers at http://127.0.0.1:9", "ollama serve")
CUT = ModelError(Fault.CONNECTION, "refused")


def door(*faults: Exception) -> Door:
    """Opens a model that finishes at once, after it failed to open with each of these."""
    left = list(faults)

    @contextmanager
    def opened(_tell: Callable[[float], None]) -> Iterator[Model]:
        if left:
            raise left.pop(0)
        yield TapeModel(FINISH)

    return opened


def local(folder: Path) -> Job:
    return msgspec.structs.replace(job(folder), local=True)


@pytest.mark.parametrize("fault", [GONE, CUT], ids=["nobody answers", "refused in between"])
def test_a_trial_without_its_server_stays_pending(fault: Exception, tmp_path: Path) -> None:
    """Its tries end as broken by the model, each to be repeated, and the caller hears that the model is gone."""
    here = stage(tmp_path)
    world = msgspec.structs.replace(here.world(coder(), TapeModel(), tools={"finish": finish()}), model=door(fault, fault))
    with pytest.raises(ModelGoneError):
        run_trial(local(tmp_path), world, here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert [(each.where, each.will_retry) for each in of(trace, TrialBroke)] == [("model", True)] * 2
    assert judge(job(tmp_path).task.check, trace).outcome == "pending"
    assert here.time.slept == [BETWEEN_TRIES_S]


def test_a_server_that_comes_back_is_waited_for(tmp_path: Path) -> None:
    """The second try opens it, and nothing is lost but a moment."""
    here = stage(tmp_path)
    world = msgspec.structs.replace(here.world(coder(), TapeModel(), tools={"finish": finish()}), model=door(GONE))
    run_trial(local(tmp_path), world, here.store.begin(KEY))
    assert [each.number for each in of(here.store.trace(KEY), TrialStarted)] == [1, 2]
    assert judge(job(tmp_path).task.check, here.store.trace(KEY)).outcome == "passed"


def test_a_hosted_model_breaks_its_trial_as_ever(tmp_path: Path) -> None:
    """Whoever serves it elsewhere looks after it: the next trial may well find it there."""
    here = stage(tmp_path)
    world = msgspec.structs.replace(here.world(coder(), TapeModel(), tools={"finish": finish()}), model=door(GONE, GONE))
    run_trial(job(tmp_path), world, here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert [each.will_retry for each in of(trace, TrialBroke)] == [True, False]
    assert judge(job(tmp_path).task.check, trace).outcome == "broken"


def test_a_server_that_opens_and_dies_again_breaks_the_trial(tmp_path: Path) -> None:
    """One trial that kills its server each time must not end the night of all the others."""
    here = stage(tmp_path)
    crash = [ModelError(Fault.CRASH, "runner stopped") for _ in range(10)]
    world = here.world(coder(), TapeModel(*crash), tools={"finish": finish()})
    run_trial(local(tmp_path), world, here.store.begin(KEY))
    assert judge(job(tmp_path).task.check, here.store.trace(KEY)).outcome == "broken"
