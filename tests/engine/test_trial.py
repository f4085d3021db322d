"""A whole trial on record: order, faults, retries, limits, and a trace from which everything can be rebuilt."""

from __future__ import annotations

import json
from pathlib import Path

import git
import pytest

from agents.coder import create as coder
from agents.idle import create as idle
from agents.tool_loop import create as tool_loop
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from harness.core.agent import Ask, Conversation, Stop
from harness.core.chat import Origin, ReplyStop, Role, Text, Thinking, ToolCall, message
from harness.core.errors import (
    Blame,
    ContextOverflow,
    Fault,
    ModelError,
    SandboxError,
    TaskError,
)
from harness.core.events import (
    AgentStopped,
    LimitReached,
    ModelFailed,
    ModelReplied,
    PatchTaken,
    PromptRendered,
    ResourcesSeen,
    ToolCalled,
    ToolReturned,
    Trace,
    TreeSeen,
    TrialBroke,
    TrialStarted,
)
from harness.core.grammar import violations
from harness.core.parts import views
from harness.core.task import Limits
from harness.engine.trial import run_trial
from harness.engine.world import Interrupted, Job, World
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from tests.engine.doubles import KEY, OneWord, Shelf, Stage, TapeModel, Written, call, job, say, stage

FINISH = call("finish", json.dumps({"done": "all", "not_done": ""}), "c9")
WRITE = call("shell", json.dumps({"command": "echo two >> a.txt; mkdir -p d; echo new > d/b.txt", "seconds": 10}))


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def ran(here: Stage, world: World, what: Job) -> Trace:
    """The trace of a trial, checked against the grammar."""
    pen = here.store.begin(KEY)
    run_trial(what, world, pen)
    here.store.settle(KEY, pen)
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    return trace


def tools() -> dict[str, object]:
    return {"shell": shell(), "finish": finish()}


def test_a_trial_solves_and_its_record_is_whole(here: Stage, tmp_path: Path) -> None:
    """Two turns of work: the verdict is read from the trace, and prompts, outputs and trees are rebuilt from it."""
    model = TapeModel(WRITE, FINISH)
    trace = ran(here, here.world(coder(), model, tools=tools()), job(tmp_path))
    assert judge(job(tmp_path).task.check, trace).outcome == "passed"
    assert views(trace, here.store.blobs.get) == [request.view for request in model.asked]
    (patch,) = of(trace, PatchTaken)
    assert (patch.added, patch.changed, patch.differs) == (("d", "d/b.txt"), ("a.txt",), ())
    with git.Repo(here.store.folder / "trees.git") as trees:
        last = of(trace, TreeSeen)[-1].tree
        assert trees.git.execute(["git", "cat-file", "blob", f"{last}:a.txt"]) == "one\ntwo"
    assert of(trace, ResourcesSeen)[0].resources.gpu == "a card"
    replied = of(trace, ModelReplied)[0]
    assert replied.body is not None
    assert here.store.blobs.get(replied.body) == b"asked"


def test_an_agent_that_does_nothing_still_has_a_verdict(here: Stage, tmp_path: Path) -> None:
    """No model, no wishes: the trial is graded on its empty work."""
    trace = ran(here, here.world(idle(), grader=OneWord(status="failed")), job(tmp_path))
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("failed", "empty")


def test_faults_of_the_world_are_retried_on_the_record(here: Stage, tmp_path: Path) -> None:
    """Rate limits wait as long as they were asked to, crashes with growing patience; each attempt is an event."""
    faults = (ModelError(Fault.RATE, "slow", wait_s=7.0), ModelError(Fault.CRASH, "runner stopped"))
    trace = ran(here, here.world(coder(), TapeModel(*faults, FINISH), tools=tools()), job(tmp_path))
    failed = of(trace, ModelFailed)
    assert [(each.fault, each.will_retry, each.number) for each in failed] == [("rate_limit", True, 1), ("crash", True, 2)]
    assert here.time.slept == [7.0, 2.0]
    assert of(trace, AgentStopped)[0].stop == "answered"


def test_a_provider_that_stays_away_breaks_the_trial(here: Stage, tmp_path: Path) -> None:
    """After the last attempt and the last try the trial is broken by the model's server, with every try on record."""
    gone = [ModelError(Fault.CONNECTION, "refused") for _ in range(10)]
    trace = ran(here, here.world(coder(), TapeModel(*gone), tools=tools()), job(tmp_path))
    assert [each.will_retry for each in of(trace, TrialBroke)] == [True, False]
    assert len(of(trace, ModelFailed)) == 10
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("broken", "model")


def test_a_wrong_key_is_not_tried_again(here: Stage, tmp_path: Path) -> None:
    """What will not change is said once."""
    trace = ran(here, here.world(coder(), TapeModel(ModelError(Fault.AUTH, "no key")), tools=tools()), job(tmp_path))
    assert len(of(trace, ModelFailed)) == 1
    assert len(of(trace, TrialStarted)) == 1


def test_content_the_parser_refuses_three_times_is_the_models(here: Stage, tmp_path: Path) -> None:
    """Tool syntax faults end the trial as failed, with the work so far graded."""
    bad = [ModelError(Fault.TOOL_SYNTAX, "XML syntax error", blame=Blame.MODEL) for _ in range(3)]
    trace = ran(here, here.world(coder(), TapeModel(*bad), tools=tools(), grader=OneWord(status="failed")), job(tmp_path))
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("failed", "tool_syntax")


def test_an_overflow_is_thrown_into_the_agent(here: Stage, tmp_path: Path) -> None:
    """The control agent ends with its window; nothing was cut silently."""
    model = TapeModel(WRITE, ContextOverflow("too long", prompt_tokens=9000, window=8192))
    trace = ran(here, here.world(tool_loop(), model, tools=tools(), grader=OneWord(status="failed")), job(tmp_path))
    (failed,) = of(trace, ModelFailed)
    assert (failed.fault, failed.prompt_tokens, failed.window, failed.will_retry) == ("overflow", 9000, 8192, False)
    assert of(trace, AgentStopped)[0].stop is Stop.WINDOW
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("failed", "limit")


def test_a_turn_limit_stops_and_grades(here: Stage, tmp_path: Path) -> None:
    """At the limit the last turn's calls have run, the stop is named, and the work so far is graded."""
    trace = ran(here, here.world(coder(), TapeModel(WRITE, WRITE, WRITE), tools=tools()), job(tmp_path, limits=Limits(turns=2)))
    (limit,) = of(trace, LimitReached)
    assert (limit.stop, limit.spent, limit.bound) == (Stop.TURNS, 2.0, 2.0)
    assert len(of(trace, ToolReturned)) == 2
    assert of(trace, PatchTaken)[0].changed == ("a.txt",)


def test_an_unknown_tool_is_the_models_mistake(here: Stage, tmp_path: Path) -> None:
    """A made-up tool is answered as a tool error and counted."""
    trace = ran(here, here.world(coder(), TapeModel(call("fly"), FINISH), tools=tools()), job(tmp_path))
    returned = of(trace, ToolReturned)[0]
    assert (returned.ok, returned.problem, returned.blame) == (False, "unknown_tool", "model")


def test_a_machine_that_fails_while_grading_does_not_cost_the_work(here: Stage, tmp_path: Path) -> None:
    """Grading alone is tried again; the model is asked no second time."""
    model, grader = TapeModel(WRITE, FINISH), OneWord(SandboxError("gone"))
    trace = ran(here, here.world(coder(), model, tools=tools(), grader=grader), job(tmp_path))
    assert len(grader.orders) == 2
    assert len(model.asked) == 2
    assert judge(job(tmp_path).task.check, trace).outcome == "passed"


def test_a_broken_task_is_invalid(here: Stage, tmp_path: Path) -> None:
    """An image that can't be made is the task's fault, told with its sentence."""
    shelf = Shelf(TaskError("Dockerfile", "line 3", "RUN false", "a command that works"))
    trace = ran(here, here.world(idle(), images=shelf), job(tmp_path))
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("invalid", "cannot_run")
    assert "line 3" in verdict.evidence[0]


def test_our_own_bug_is_broken_not_failed(here: Stage, tmp_path: Path) -> None:
    """An agent that leaves out what it did not confess is our fault, and said so."""

    def forgetful(assignment: object) -> Conversation:
        first = message("a1", Role.SYSTEM, Origin.HARNESS, Text("x"))
        yield Ask((first,))
        yield Ask((message("a2", Role.SYSTEM, Origin.HARNESS, Text("y")),))
        return Stop.ANSWERED

    trace = ran(here, here.world(Written(forgetful), TapeModel()), job(tmp_path))
    verdict = judge(job(tmp_path).task.check, trace)
    assert (verdict.outcome, verdict.reason) == ("broken", "harness")
    assert "without saying so" in verdict.evidence[0]


def test_a_stop_by_the_user_leaves_the_trial_pending(here: Stage, tmp_path: Path) -> None:
    """No new wishes; the record says so, and the verdict is not given."""
    here.time.stopping = 0.0
    with pytest.raises(Interrupted):
        run_trial(job(tmp_path), here.world(idle()), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert judge(job(tmp_path).task.check, trace).outcome == "pending"


def test_a_long_reply_is_given_ten_seconds_after_a_stop(here: Stage, tmp_path: Path) -> None:
    """A running reply goes on for a while, then it is stopped by its progress."""
    model = TapeModel(FINISH)

    class Late(TapeModel):
        def reply(self, request, *, deadline, progress):  # type: ignore[no-untyped-def]
            here.time.stopping = 9.0
            progress(1)
            here.time.stopping = 11.0
            return super().reply(request, deadline=deadline, progress=progress)

    late = Late(*model.tape)
    with pytest.raises(Interrupted, match="during a reply"):
        run_trial(job(tmp_path), here.world(coder(), late, tools=tools()), here.store.begin(KEY))


def test_later_requests_come_in_the_same_conversation(here: Stage, tmp_path: Path) -> None:
    """A staged task gives its next request when the turn is handed back."""
    model = TapeModel(FINISH, FINISH)
    trace = ran(here, here.world(coder(), model, tools=tools()), job(tmp_path, "first thing", "second thing"))
    words = [each.text for each in views(trace, here.store.blobs.get)[-1]]
    assert "first thing" in words
    assert "second thing" in words


@pytest.mark.parametrize(("rendering", "lost"), [("... my plan ...", False), ("no thoughts here", True), ("", None)])
def test_a_nudge_says_whether_thinking_vanished(here: Stage, tmp_path: Path, rendering: str, lost: bool | None) -> None:
    """Before a nudge is asked, the server's rendering is checked for the earlier reasoning."""
    model = TapeModel(say(Thinking("my plan"), Text("I will do it.")), FINISH)
    model.rendering = rendering
    trace = ran(here, here.world(coder(), model, tools=tools()), job(tmp_path))
    assert of(trace, PromptRendered)[0].thinking_lost is lost


def test_a_cut_reply_never_has_its_calls_run(here: Stage, tmp_path: Path) -> None:
    """A call in a reply that hit the output limit is not run."""
    cut = say(ToolCall("c1", "shell", '{"command": "touch cut", "seconds": 5}'), stop=ReplyStop.MAX_OUTPUT)
    trace = ran(here, here.world(coder(), TapeModel(cut, FINISH), tools=tools()), job(tmp_path))
    assert of(trace, PatchTaken)[0].added == ()


def test_a_second_run_of_the_same_trial_goes_on_counting(here: Stage, tmp_path: Path) -> None:
    """A trial taken up again keeps its first part on record and numbers its try."""
    here.time.stopping = 0.0
    with pytest.raises(Interrupted):
        run_trial(job(tmp_path), here.world(idle()), here.store.begin(KEY))
    here.time.stopping = None
    past = here.store.trace(KEY)
    run_trial(job(tmp_path), here.world(idle()), here.store.begin(KEY), past)
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    assert [each.number for each in of(trace, TrialStarted)] == [1, 2]
    assert judge(job(tmp_path).task.check, trace).outcome == "passed"


def test_bulky_arguments_are_kept_whole_and_not_called_escaped(here: Stage, tmp_path: Path) -> None:
    """`escaped` says that an event's words had to be written otherwise, not that they were many."""
    long = json.dumps({"command": "true #" + "x" * 9000, "seconds": 5})
    half = '{"command": "echo \ud800", "seconds": 5}'
    trace = ran(here, here.world(coder(), TapeModel(call("shell", long), call("shell", half, "c2"), FINISH), tools=tools()), job(tmp_path))
    first, second, _ = of(trace, ToolCalled)
    assert first.blob is not None
    assert here.store.blobs.get(first.blob) == long.encode()
    assert (first.escaped, second.escaped) == (False, True)


def test_a_wait_is_bounded(here: Stage, tmp_path: Path) -> None:
    """A server that asks for a day is asked again after a quarter of an hour."""
    fault = ModelError(Fault.RATE, "come back tomorrow", wait_s=86400.0)
    trace = ran(here, here.world(coder(), TapeModel(fault, FINISH), tools=tools()), job(tmp_path))
    assert [each.wait_s for each in of(trace, ModelFailed)] == [900.0]
