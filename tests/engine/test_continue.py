"""An interrupted trial that goes on where it was: no turn is asked twice, and its record reads as one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from harness.core.agent import Stop
from harness.core.chat import ModelRequest, Reply, View
from harness.core.errors import Fault, ModelError, StoreError
from harness.core.events import (
    AgentStopped,
    ModelAsked,
    ModelReplied,
    TreeSeen,
    TrialStarted,
)
from harness.core.parts import views
from harness.core.ports import Progress
from harness.core.trial import Parent
from harness.engine.trial import run_trial
from harness.metrics.row import origin, row
from harness.metrics.tries import last, latest, lived, of
from harness.store.sqlite import create
from harness.wiring import forking
from tests.engine.doubles import KEY, OneWord, Stage, Time, job, stage
from tests.engine.forks import SCRIPT, TOOLS, Scripted, Stopping, alive, forked, go_on, interrupted, played, taken_up


class Garbled(Scripted):
    """Says at its third reply what its server can't read, whenever it is asked."""

    def reply(self, request: ModelRequest, *, deadline: float | None, progress: Progress) -> Reply:
        if request.replies == 2:
            raise ModelError(Fault.TOOL_SYNTAX, "no such syntax")
        return super().reply(request, deadline=deadline, progress=progress)


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_an_interrupted_trial_goes_on_from_its_last_whole_turn(here: Stage, tmp_path: Path) -> None:
    """A further try of the same trial with the earlier one as its parent; no turn is asked twice, and the row covers both."""
    interrupted(here, tmp_path, Stopping(3))
    trace = go_on(here, tmp_path, Scripted(*SCRIPT))
    assert [asked.turn for asked in of(latest(trace), ModelAsked)] == [4, 4, 5]
    told = row("t0001", KEY, job(tmp_path).task, trace)
    assert (told.origin, told.tries, told.outcome, told.turns, told.calls.ok) == ("continued", 2, "passed", 5, 4)
    assert told.parent == Parent("run", "t0001", 1, 3, "")
    assert told.tokens.input == sum(reply.usage.input_total for reply in of(lived(trace), ModelReplied))


def test_a_continued_trial_reads_as_one_that_was_never_interrupted(here: Stage, tmp_path: Path) -> None:
    """The views of both parts together are those of an undisturbed trial, also over two interruptions."""
    interrupted(here, tmp_path, Stopping(2))
    go_on(here, tmp_path, Stopping(4))
    trace = go_on(here, tmp_path, Scripted(*SCRIPT))
    (tmp_path / "other").mkdir()
    other = stage(tmp_path / "other")
    undisturbed = played(other, tmp_path / "other")
    mine = [view for view in views(lived(trace), here.store.blobs.get) if view]
    theirs = views(undisturbed, other.store.blobs.get)
    assert [_ids(view) for view in dict.fromkeys(mine)] == [_ids(view) for view in dict.fromkeys(theirs)]
    assert [started.parent.number for started in of(trace, TrialStarted) if started.parent] == [1, 2]
    assert of(trace, TreeSeen)[-1].tree == of(undisturbed, TreeSeen)[-1].tree


def _ids(view: View) -> list[str]:
    return [message.id for message in view]


@pytest.mark.parametrize("on", [False, True], ids=["restarted", "continued"])
def test_a_fork_that_was_interrupted_is_taken_up(here: Stage, tmp_path: Path, on: bool) -> None:
    """Restarted it begins where it was forked, continued where it was; either way its first parent's past is lived through."""
    played(here, tmp_path)
    child, _ = forked(here, tmp_path, 1, "short", model=Stopping(3))
    (own,) = child.store.keys().values()
    work = msgspec.structs.replace(job(tmp_path), key=own)
    trace = taken_up(child, work, Scripted(*SCRIPT), go_on=on)
    told = row("t0001", own, work.task, trace)
    assert (told.origin, told.turns, told.outcome) == ("continued" if on else "restarted", 5, "passed")
    assert next(asked.turn for asked in of(latest(trace), ModelAsked)) == (4 if on else 2)
    assert told.parent == (Parent(own.run, "t0001", 1, 3, "") if on else Parent("run", "t0001", 1, 1, "short"))
    assert _ids(views(lived(trace), child.store.blobs.get)[-1])[:3] == ["a1", "m1", "v1"]


def test_a_trial_without_a_whole_turn_begins_anew(here: Stage, tmp_path: Path) -> None:
    """Nothing to go on from: the trial is restarted, and its row says so."""
    interrupted(here, tmp_path, Stopping(0))
    trace = go_on(here, tmp_path, Scripted(*SCRIPT))
    assert origin(trace) == "restarted"
    assert next(asked.turn for asked in of(latest(trace), ModelAsked)) == 1


def test_a_trial_whose_last_question_was_never_answered_goes_on_before_it(here: Stage, tmp_path: Path) -> None:
    """The server's parser refused the model's words for good and the harness died while grading: there is no answer to tell again."""
    world = here.world(coder(), Garbled(*SCRIPT), tools=TOOLS, grader=OneWord(StoreError("gone")))
    with pytest.raises(StoreError):
        run_trial(job(tmp_path), world, here.store.begin(KEY))
    assert last(here.store.trace(KEY), AgentStopped) == AgentStopped(Stop.FAULT)
    trace = go_on(here, tmp_path, Scripted(*SCRIPT))
    assert (origin(trace), next(asked.turn for asked in of(latest(trace), ModelAsked))) == ("continued", 3)


def test_a_trial_with_living_processes_begins_anew(here: Stage, tmp_path: Path) -> None:
    """A process that lived then can't be brought back, so the trial is restarted."""
    trace = interrupted(here, tmp_path, Stopping(3))
    entries = tuple(alive(entry) for entry in trace)
    key = msgspec.structs.replace(KEY, attempt=2)
    child = Stage(create(tmp_path / "alive", (key,), {}), Time())
    world = child.world(coder(), Scripted(*SCRIPT), tools=TOOLS, blobs=here.store.blobs)
    work = msgspec.structs.replace(job(tmp_path), key=key)
    assert forking.begun(work, world, child.store, entries, there=lambda _: True).past is None
