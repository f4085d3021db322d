"""A recorded try lived once more: every shipped agent wishes the same again, and one that does not is caught at its first other wish."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import msgspec
import pytest

from agents.bash_only import create as bash_only
from agents.coder import create as coder
from agents.idle import create as idle
from agents.oracle import create as oracle
from agents.tool_loop import create as tool_loop
from agents.tools.finish import create as finish
from agents.tools.shell import create as shell
from agents.tools.solve import create as solve
from harness.core.agent import Agent, Ask, Assignment, Conversation, Edit, Given, Stop, Use, Used, Yield, ask
from harness.core.chat import Origin, Reply, ReplyStop, Role, Text, ToolCall, Usage, message
from harness.core.errors import Blame, ContextOverflow, Fault, ModelError
from harness.core.events import ToolReturned, Trace, TurnYielded, ViewEdited
from harness.core.facts import Window
from harness.core.task import GoldPatch, Limits
from harness.engine.past import Parted, determinism, relive
from harness.engine.steps import Unanswered, assignment, ended, steps
from harness.engine.trial import run_trial
from harness.engine.world import Interrupted
from harness.metrics.tries import of
from tests.engine.doubles import KEY, Stage, TapeModel, Written, call, job, say, stage

SOLUTION = GoldPatch(b"--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n")
FINISH = call("finish", json.dumps({"done": "all", "not_done": "\ud800"}), "c9")
WRITE = call("shell", json.dumps({"command": "echo two >> a.txt", "seconds": 10}))
LOUD = call("shell", json.dumps({"command": "seq 1 400", "seconds": 10}), "c2")
HALF = call("shell", '{"command": "echo \ud800", "seconds": 5}', "c\ud800")
OVER = ContextOverflow("too long", prompt_tokens=9000, window=8192)
FENCED = say(Text("```bash\necho three > c.txt\n```"))
BAD = [ModelError(Fault.TOOL_SYNTAX, "XML syntax error", blame=Blame.MODEL) for _ in range(3)]
TAPES: dict[str, tuple[Agent, tuple[Reply | Exception, ...], Limits, tuple[str, ...]]] = {
    "coder": (coder(), (WRITE, ModelError(Fault.CRASH, "x"), say(Text("hm")), HALF, call("fly"), FINISH), Limits(tell=True), ("do it",)),
    "coder, several requests": (coder(), (WRITE, FINISH, LOUD, FINISH), Limits(), ("one", "two")),
    "coder, compaction": (coder(recent=0), (LOUD, LOUD, OVER, WRITE, OVER, OVER, say(Text("a summary")), FINISH), Limits(), ("do it",)),
    "coder, at a limit": (coder(), (WRITE, WRITE, WRITE), Limits(turns=2), ("do it",)),
    "coder, refused by the parser": (coder(), (WRITE, *BAD), Limits(), ("do it",)),
    "coder, cut": (coder(), (WRITE, msgspec.structs.replace(WRITE, stop=ReplyStop.MAX_OUTPUT), say(), FINISH), Limits(), ("do it",)),
    "tool_loop": (tool_loop(), (WRITE, LOUD, FINISH), Limits(tool_calls=2), ("do it",)),
    "tool_loop, overflow": (tool_loop(), (WRITE, OVER), Limits(), ("do it",)),
    "bash_only": (bash_only(mode="fence"), (FENCED, say(Text("All.\nFINISHED"))), Limits(), ("do it",)),
    "oracle": (oracle(solution=SOLUTION), (), Limits(), ("one", "two")),
    "idle": (idle(), (), Limits(), ("do it",)),
}
TOOLS = {"shell": shell(), "finish": finish(), "solve": solve(solution=SOLUTION)}
SPECS = tuple(tool.spec for tool in TOOLS.values())


@pytest.fixture
def here(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def recorded(here: Stage, folder: Path, name: str) -> tuple[Agent, Trace]:
    """The trace of a tape played by its agent."""
    agent, tape, limits, requests = TAPES[name]
    model = TapeModel(*tape) if agent.prompts else None
    run_trial(job(folder, *requests, limits=limits), here.world(agent, model, tools=TOOLS), here.store.begin(KEY))
    return agent, here.store.trace(KEY)


def begun(here: Stage, agent: Agent, trace: Trace) -> Conversation:
    return agent(assignment(trace, here.store.blobs.get, SPECS))


@pytest.mark.parametrize("name", TAPES)
def test_every_shipped_agent_wishes_the_same_again(here: Stage, tmp_path: Path, name: str) -> None:
    """Led through its recorded answers an agent of ours wishes what it wished, to the same end."""
    agent, trace = recorded(here, tmp_path, name)
    past = steps(trace, here.store.blobs.get)
    assert determinism(begun(here, agent, trace), past, ended(trace)) is None


def test_compaction_at_the_high_mark_is_lived_again(here: Stage, tmp_path: Path) -> None:
    """What an agent forgets for want of room depends on counts and window alone, and both are on record."""
    model = TapeModel(*(msgspec.structs.replace(LOUD, usage=Usage(900 + 400 * k, None, None, 20)) for k in range(1, 9)), say(Text("so far")), FINISH)
    model.facts = msgspec.structs.replace(model.facts, window=Window(None, 4000, None), max_output=500)
    run_trial(job(tmp_path), here.world(coder(recent=1), model, tools=TOOLS), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    assert {edit.policy for edit in of(trace, ViewEdited)} >= {"clear"}
    assert determinism(begun(here, coder(recent=1), trace), steps(trace, here.store.blobs.get), ended(trace)) is None


def test_every_wish_has_its_answer(here: Stage, tmp_path: Path) -> None:
    """Overflows are thrown, edits answered by nothing, requests given; a try's last wish may have no answer."""
    _, trace = recorded(here, tmp_path, "coder, compaction")
    past = steps(trace, here.store.blobs.get)
    assert sum(isinstance(step.answer, ContextOverflow) for step in past) == 3
    assert {step.answer for step in past if isinstance(step.wish, Edit)} == {None}
    assert [step.turn for step in past if isinstance(step.wish, Ask)] == list(range(1, 12))


def test_a_further_request_is_an_answer(here: Stage, tmp_path: Path) -> None:
    """The first turn handed back is answered by the second request, the last by nothing."""
    _, trace = recorded(here, tmp_path, "coder, several requests")
    answers = [step.answer for step in steps(trace, here.store.blobs.get) if isinstance(step.wish, Yield)]
    assert isinstance(answers[0], Given)
    assert (answers[0].request.id, answers[0].message.text, answers[1]) == ("r2", "two", None)


def test_a_claim_is_on_record_with_its_call(here: Stage, tmp_path: Path) -> None:
    """What `finish` claims comes back; where an older record lacks it, the turn handed back tells it."""
    _, trace = recorded(here, tmp_path, "coder")
    (yielded,) = of(trace, TurnYielded)
    older = tuple(
        msgspec.structs.replace(e, event=msgspec.structs.replace(e.event, claim=None)) if isinstance(e.event, ToolReturned) else e
        for e in trace
    )
    for each in (trace, older):
        used = [step.answer for step in steps(each, here.store.blobs.get) if isinstance(step.wish, Use) and step.wish.call.name == "finish"]
        assert isinstance(used[0], Used)
        assert used[0].claim == yielded.claim


def test_a_wish_without_answer_is_told(here: Stage, tmp_path: Path) -> None:
    """A model that failed for good answered nothing, and living such a past ends there."""
    agent, trace = recorded(here, tmp_path, "coder, refused by the parser")
    past = steps(trace, here.store.blobs.get)
    assert past[-1].answer is Unanswered.NEVER
    assert relive(begun(here, agent, trace), past) is None


def test_an_interrupted_try_is_lived_as_far_as_it_went(here: Stage, tmp_path: Path) -> None:
    """A try stopped between wishes parts from nothing."""
    here.time.stopping = 0.0
    with pytest.raises(Interrupted):
        recorded(here, tmp_path, "coder")
    trace = here.store.trace(KEY)
    assert determinism(begun(here, coder(), trace), steps(trace, here.store.blobs.get), ended(trace)) is None


def test_an_agent_with_a_will_of_its_own_is_caught(here: Stage, tmp_path: Path) -> None:
    """An agent that is no function of its answers parts at the first other wish, named with both sides."""
    ticks = count(1)

    def moody(_assignment: Assignment) -> Conversation:
        yield from ask((message("a1", Role.SYSTEM, Origin.HARNESS, Text("x")),))
        yield Use(ToolCall("c1", "shell", json.dumps({"command": f"echo {next(ticks)}", "seconds": 5})))
        return Stop.ANSWERED

    agent = Written(moody)
    run_trial(job(tmp_path), here.world(agent, TapeModel(), tools=TOOLS), here.store.begin(KEY))
    trace = here.store.trace(KEY)
    parted = determinism(begun(here, agent, trace), steps(trace, here.store.blobs.get), ended(trace))
    assert parted is not None
    assert (parted.turn, "echo 1" in str(parted.recorded), "echo 2" in str(parted.wished)) == (1, True, True)
    assert "on record is a call of shell" in str(parted)


@pytest.mark.parametrize(("name", "stop"), [("coder", Stop.GAVE_UP), ("coder", Stop.TURNS)])
def test_another_end_is_caught(here: Stage, tmp_path: Path, name: str, stop: Stop) -> None:
    """An agent that ends otherwise than the record says, or ends where a limit should have stopped it, parts there."""
    agent, trace = recorded(here, tmp_path, name)
    parted = determinism(begun(here, agent, trace), steps(trace, here.store.blobs.get), stop)
    assert isinstance(parted, Parted)
    assert parted.wished is Stop.ANSWERED
