"""Tasks of several graded steps with an agent that asks a model: what it sees, what is on record, and what a record of it can be used for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from agents.coder import create as coder
from agents.oracle import create as oracle
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from agents.tools.solve import create as solve
from harness.core.agent import Given, Stop, Yield
from harness.core.events import AgentStopped, GradeRan, PatchTaken, RequestGiven, Trace, TreeSeen, ViewEdited
from harness.core.grammar import violations
from harness.core.lived import StepEnded
from harness.core.machine import PreparedImage
from harness.core.parts import views
from harness.core.ports import Blobs, GradeOrder, Order, Record, Sandboxes
from harness.core.task import (
    CopiedFile,
    GradedStep,
    ImageTag,
    Limits,
    Place,
    RewardScript,
    SolveScript,
    SolveSteps,
    Steps,
    TaskSpec,
)
from harness.core.trial import Parent
from harness.engine.fork import past_at
from harness.engine.leash import Leash
from harness.engine.moment import entries_at, turns
from harness.engine.past import determinism
from harness.engine.replay_record import recording
from harness.engine.steps import assignment, ended, steps
from harness.engine.trial import run_trial
from harness.engine.world import Job
from harness.metrics.clock import phases, within
from harness.metrics.spend import total
from harness.metrics.tries import of
from harness.metrics.verdict import judge
from sandboxes.host import create as host
from tests.engine.doubles import KEY, Stage, TapeModel, call, job, say, stage, task

DONE = call("finish", '{"done": "all", "not_done": ""}', "c9")


def work(name: str) -> object:
    return call("shell", msgspec.json.encode({"command": f"echo {name} >> {name}; export LAST={name}", "seconds": 10}).decode(), f"w{name}")


class Rewards:
    """A grader that gives each step the rewards it was told, in order; it keeps its orders."""

    def __init__(self, *rewards: float | None) -> None:
        self.rewards, self.orders = list(rewards), list[GradeOrder]()

    def grade(self, order: GradeOrder, sandboxes: Sandboxes, blobs: Blobs, record: Record) -> None:
        self.orders.append(order)
        got = self.rewards.pop(0)
        record(GradeRan("apply", "fresh", ok=True, exit_code=None, ended=None, seconds=0, step=order.step))
        rewards = () if got is None else (("reward", got),)
        record(GradeRan("read", "fresh", got is not None, None, None, 0, reward=got, rewards=rewards, step=order.step))


def staged(folder: Path, **steps: dict[str, object]) -> TaskSpec:
    """A task whose steps are named; each is told by the fields that differ from a plain one."""
    plain = RewardScript((CopiedFile("test.sh", b"true"),))
    made = tuple(GradedStep(name, plain, **fields) for name, fields in steps.items())  # type: ignore[arg-type]
    whole = task(folder, *(f"do {name}" for name in steps))
    requests = tuple(msgspec.structs.replace(each, id=name) for each, name in zip(whole.brief.requests, steps, strict=True))
    return msgspec.structs.replace(whole, check=Steps(made), brief=msgspec.structs.replace(whole.brief, requests=requests))


def ran(here: Stage, what: TaskSpec, grader: Rewards, agent: object, model: TapeModel | None = None, **more: object) -> tuple[Trace, Job]:
    """The trace of a trial, checked against the grammar."""
    folder = here.store.folder.parent
    held = {"shell": shell(), "finish": finish()} if model else dict(more.pop("tools", {}))  # type: ignore[call-overload]
    wish = msgspec.structs.replace(job(folder), task=what, **more)
    pen = here.store.begin(KEY)
    run_trial(wish, here.world(agent, model, grader=grader, tools=held), pen)  # type: ignore[arg-type]
    here.store.settle(KEY, pen)
    trace = here.store.trace(KEY)
    assert violations(trace) == ()
    return trace, wish


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_steps_are_requests_of_one_conversation(here: Stage, tmp_path: Path) -> None:
    """The second request stands below the first's work; the shell lives on; each step is graded on all the work so far."""
    what = staged(tmp_path, one={}, two={"workdir": (CopiedFile("given.txt", b"x"),), "setup": "echo made > made"})
    model, grader = TapeModel(work("a"), DONE, call("shell", '{"command": "echo $LAST > b", "seconds": 10}', "w2"), DONE), Rewards(1.0, 0.5)
    trace, wish = ran(here, what, grader, coder(), model)
    assert [event.request for event in of(trace, RequestGiven)] == ["one", "two"]
    assert [len(request.view) for request in model.asked] == [2, 4, 7, 9]
    assert views(trace, here.store.blobs.get) == [request.view for request in model.asked]
    assert [(event.step, event.stop) for event in of(trace, StepEnded)] == [("one", None)]
    assert len(of(trace, AgentStopped)) == 1
    assert [order.step for order in grader.orders] == ["one", "two"]
    assert [sorted(file.path for file in order.patch.files) for order in grader.orders] == [["a"], ["a", "b", "given.txt", "made"]]
    assert {file.path: file.data for file in grader.orders[1].patch.files}["b"] == b"a\n"
    assert [event.differs for event in of(trace, PatchTaken)] == [(), ()]
    verdict = judge(what.check, trace)
    assert (verdict.outcome, verdict.score, verdict.items) == ("failed", 0.75, (("one", 1.0), ("two", 0.5)))
    assert [phase.step for phase in phases(trace)] == ["one", "two"]
    assert within(trace) == (("15 min", True), ("1 h", True))
    assert total(trace).tool_calls == 4
    assert wish.task is what


def test_each_step_may_be_a_conversation_of_its_own(here: Stage, tmp_path: Path) -> None:
    """A new conversation sees nothing of the one before, which is confessed; words of the agent's own get new names."""
    what = staged(tmp_path, one={}, two={})
    model, grader = TapeModel(work("a"), say(), work("b"), DONE, work("c"), DONE), Rewards(1.0, 1.0)
    trace, _ = ran(here, what, grader, coder(), model, ways="fresh")
    assert [[each.text for each in request.view if each.role == "user"][-1] for request in model.asked][4:] == ["do two", "do two"]
    assert len(model.asked[4].view) == 2
    assert views(trace, here.store.blobs.get) == [request.view for request in model.asked]
    assert [(event.policy, len(event.dropped) > 3) for event in of(trace, ViewEdited)] == [("new step", True)]
    assert [event.stop for event in of(trace, StepEnded)] == [Stop.ANSWERED]
    assert [event.stop for event in of(trace, AgentStopped)] == [Stop.ANSWERED]
    assert judge(what.check, trace).outcome == "passed"


@pytest.mark.parametrize(
    ("steps", "rewards", "asked", "score", "words"),
    [
        ({"one": {"least": (("reward", 0.8),)}, "two": {}}, (0.5,), ["one"], 0.25, "step two: not reached, counted as 0"),
        ({"one": {}, "two": {}}, (None,), ["one"], 0.0, "step two: not reached, counted as 0"),
        ({"one": {"least": (("style", 0.1),)}, "two": {}}, (1.0,), ["one"], 0.5, "step two: not reached, counted as 0"),
        ({"one": {}, "two": {"setup": "exit 4"}}, (1.0,), ["one"], 0.5, "step two: exit 4 ended with exit status 4 (exited)"),
    ],
)  # fmt: skip
def test_a_step_that_earned_too_little_is_the_last(
    here: Stage, tmp_path: Path, steps: dict[str, dict[str, object]], rewards: tuple[float | None, ...], asked: list[str], score: float, words: str
) -> None:
    """The agent is told nothing more, what was not reached counts 0, and the evidence says which step it was."""
    what = staged(tmp_path, **steps)
    trace, _ = ran(here, what, Rewards(*rewards), coder(), TapeModel(work("a"), DONE, work("b"), DONE))
    assert [event.request for event in of(trace, RequestGiven)] == asked
    verdict = judge(what.check, trace)
    assert (verdict.outcome, verdict.score) == ("failed", score)
    assert words in verdict.evidence


def test_the_oracle_solves_step_by_step(here: Stage, tmp_path: Path) -> None:
    """Each request gets its own solution."""

    scripts = SolveSteps(tuple((name, SolveScript((CopiedFile("solve.sh", f"echo {name} > {name}".encode()),))) for name in ("one", "two")))
    what = staged(tmp_path, one={}, two={})
    grader = Rewards(1.0, 1.0)
    trace, _ = ran(here, what, grader, oracle(solution=scripts), tools={"solve": solve(solution=scripts)})
    assert [sorted(file.path for file in order.patch.files) for order in grader.orders] == [["one"], ["one", "two"]]
    assert [type(entry.event) for entry in entries_at(trace, 0)][-1] is RequestGiven
    assert judge(what.check, trace).outcome == "passed"


def test_a_step_that_ran_out_of_time_is_graded_and_the_next_one_begins(here: Stage, tmp_path: Path) -> None:
    """A step's bound ends its conversation alone; the try's own bound ends the try."""
    what = staged(tmp_path, one={"seconds": 0.0}, two={"seconds": None})
    model = TapeModel(work("a"), work("b"), DONE)
    trace, _ = ran(here, what, Rewards(0.0, 1.0), coder(), model)
    assert [(event.step, event.stop) for event in of(trace, StepEnded)] == [("one", Stop.TIME)]
    assert [event.request for event in of(trace, RequestGiven)] == ["one", "two"]
    assert len(model.asked) == 3
    (tmp_path / "other").mkdir()
    trace, _ = ran(stage(tmp_path / "other"), what, Rewards(0.0), coder(), TapeModel(work("a")), limits=Limits(turns=0))
    assert (of(trace, StepEnded), [event.stop for event in of(trace, AgentStopped)]) == ((), [Stop.TURNS])


def test_the_record_can_be_lived_again_up_to_a_steps_end(here: Stage, tmp_path: Path) -> None:
    """Wishes and answers are told over a step's end; forks begin before it; a replay says what it leaves out."""
    what = staged(tmp_path, one={}, two={})
    model = TapeModel(work("a"), DONE, work("b"), DONE)
    trace, _ = ran(here, what, Rewards(1.0, 1.0), coder(), model)
    get = here.store.blobs.get
    told = steps(trace, get)
    answers = [step.answer for step in told if isinstance(step.wish, Yield)]
    assert [getattr(answer, "request", answer) and getattr(answer.request, "id", None) for answer in answers if isinstance(answer, Given)] == ["two"]
    assert answers[-1] is None
    specs = tuple(tool.spec for tool in (shell(), finish()))
    assert determinism(coder()(assignment(trace, get, specs)), told, ended(trace)) is None
    assert list(turns(trace)) == [0, 1, 2]
    past = past_at(entries_at(trace, 1), get, Parent("", "", 1, 1, ""), lambda led, _view, _seen: led)
    assert past.given == 1
    found = recording(trace, get)
    assert (len(found.calls), found.later) == (2, 2)
    assert [event.author for event in of(trace, TreeSeen)].count("harness") == 2


def test_a_record_of_several_conversations_is_told_up_to_the_first(here: Stage, tmp_path: Path) -> None:
    """The agent of today agrees with the first conversation, which ended as it is on record."""
    what = staged(tmp_path, one={}, two={})
    trace, _ = ran(here, what, Rewards(1.0, 1.0), coder(), TapeModel(work("a"), DONE, work("b"), DONE), ways="fresh")
    get = here.store.blobs.get
    specs = tuple(tool.spec for tool in (shell(), finish()))
    assert ended(trace) is Stop.ANSWERED
    assert determinism(coder()(assignment(trace, get, specs)), steps(trace, get), ended(trace)) is None


def test_needs_of_a_task_are_refused_to_agents_with_a_model(here: Stage, tmp_path: Path) -> None:
    """What an agent of ours can't use is no silent loss: the task can't be run with it, and no model is asked."""
    what = task(tmp_path)
    what = msgspec.structs.replace(what, brief=msgspec.structs.replace(what.brief, needs=("mcp_servers",)))
    model = TapeModel(DONE)
    trace, _ = ran(here, what, Rewards(1.0), coder(), model)
    verdict = judge(what.check, trace)
    assert (verdict.outcome, verdict.reason, model.asked) == ("invalid", "cannot_run", [])
    assert "mcp_servers" in verdict.evidence[0]


def test_a_call_ends_with_the_time_of_tools(here: Stage, tmp_path: Path) -> None:
    """A command that would outlast the bound is ended there, and the try with it."""

    image = PreparedImage("none", "", "", "", "")
    with host().open(Order(image, Place(ImageTag("none")))) as sandbox:
        held = Leash(sandbox, lambda: 0.2)
        assert held.exec(("sleep", "30"), deadline=60).ended == "deadline"
        assert held.shell("sleep 30", deadline=60).ended == "deadline"
        assert held.facts == sandbox.facts
        assert Leash(sandbox, lambda: None).exec(("true",), deadline=60).ended == "exited"
